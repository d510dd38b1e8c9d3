"""Whether a speaker counts as staff where he speaks: a worker of another village is a resident like all others here."""

from __future__ import annotations

from datetime import datetime

from bot.cases.directory import Directory
from bot.cases.duty import effective_roles
from bot.cases.roles import Role
from bot.model import ChatKind, Inbound
from storage.records import ChatRow


def staff_here(directory: Directory, person_id: int | None, chat: ChatRow | None, now: datetime) -> bool:
    """In a residents' group: a role in one of its areas, his own or as a stand-in; elsewhere any role at all."""
    if person_id is None or not directory.is_staff(person_id):
        return False
    if chat is None or chat.kind != ChatKind.RESIDENTS or not chat.areas:
        return True
    return any(effective_roles(directory, person_id, area, now) - {Role.RESIDENT} for area in chat.areas)


def sent_by_staff(directory: Directory, inbound: Inbound) -> bool:
    """The same of a message that is not stored yet: of chat and sender only their native ids are known."""
    sender = inbound.sender
    if sender.anonymous:
        return False
    person = directory.person_by_identity(inbound.channel, sender.native_id)
    chat = directory.chat_by_address(inbound.account, inbound.chat) if person else None
    return staff_here(directory, person.id if person else None, chat, inbound.sent_at)
