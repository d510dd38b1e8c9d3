"""What happened in a room -> Inbound. Pure.

The history keeps the newest state of a message, not each event; which events are still owed follows from the room's
cursor. Events that were accepted before, because the program died between the two commits, come again under their key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.channels.webchat.words import BOT_NAME
from bot.model import Attachment, Inbound, InboundKind, Location, Sender
from bot.rooms import Member, Message, Unfed

BOT = "bot"  # the bot's own member id
PRIVATE_PREFIX = "p-"
MENTION = f"@{BOT_NAME}"
ROOM_ITSELF = Sender("system", "", anonymous=True)

Places = Mapping[str, tuple[float, float]]
"""Photo hash -> where it was taken."""


def private_room(member_id: str) -> str:
    """The room of a member and the bot."""
    return PRIVATE_PREFIX + member_id


def cursor_after(unfed: Unfed) -> int:
    """Up to which revision everything is handed over once `events_of` has been accepted."""
    return max([unfed.fed, 0, *(_first_owed(unfed, message) for message in unfed.messages)])


def events_of(account: str, unfed: Unfed, places: Places, now: datetime) -> list[Inbound]:
    """What a room still owes, in the order in which it happened."""
    joined = [_joined(account, unfed, now)] if unfed.fed < 0 else []
    until = cursor_after(unfed)
    events = [event for one in unfed.messages for event in _events(account, unfed, one, places) if event[0] <= until]
    return joined + [inbound for _, inbound in sorted(events, key=lambda event: event[0])]


def press_event(account: str, message: Message, presser: Member, data: str, cid: str, now: datetime) -> Inbound:
    """A button of the bot's message. The key holds the member, so that nobody can use up another's press."""
    return Inbound(
        account=account,
        event_key=f"press:{presser.id}:{cid}",
        kind=InboundKind.BUTTON,
        chat=message.room,
        private=message.room == private_room(presser.id),
        sent_at=now,
        sender=Sender(presser.id, presser.name),
        message_id=str(message.n),
        reply_to=str(message.n),
        reply_to_bot=True,
        button=data,
    )


def _joined(account: str, unfed: Unfed, now: datetime) -> Inbound:
    private = unfed.kind == "private"
    return Inbound(
        account=account,
        event_key=f"{unfed.room}/joined",
        kind=InboundKind.JOINED,
        chat=unfed.room,
        private=private,
        sent_at=now,
        sender=Sender(unfed.members[0], "") if private and unfed.members else ROOM_ITSELF,
        text=unfed.title,
    )


def _first_owed(unfed: Unfed, message: Message) -> int:
    return message.born if message.born > unfed.fed else message.rev


def _events(account: str, unfed: Unfed, message: Message, places: Places) -> Iterator[tuple[int, Inbound]]:
    """Each with its revision.

    An edit follows its message even if both are new: the message may have been accepted as it was before the edit, just
    before the program died.
    """
    private = unfed.kind == "private"
    if message.recalled:  # also if the message itself was never fed: then nobody knows it, and nobody need
        yield message.rev, _change(account, private, message, InboundKind.RECALL, "r")
        return
    if message.born > unfed.fed:
        yield message.born, _said(account, private, message, places)
    if message.rev > message.born:
        yield message.rev, _change(account, private, message, InboundKind.EDIT, f"e{message.rev}")


def _said(account: str, private: bool, message: Message, places: Places) -> Inbound:  # noqa: FBT001 - as the field
    photos, text, quote = photos_of(message), _text(message), message.body.get("quote")
    found = next((places[one] for one in photos if one in places), None)
    return Inbound(
        account=account,
        event_key=f"{message.room}/{message.n}",
        kind=InboundKind.MESSAGE,
        chat=message.room,
        private=private,
        sent_at=message.at,
        sender=Sender(message.author, message.name),
        message_id=str(message.n),
        text=_without_mention(text),
        reply_to=None if quote is None else str(quote),
        reply_to_bot=message.quote is not None and message.quote.author == BOT,
        mentions_bot=MENTION in text,
        attachments=tuple(Attachment("photo", one) for one in photos),
        location=Location(*found) if found else None,
    )


def _change(account: str, private: bool, message: Message, kind: InboundKind, sign: str) -> Inbound:  # noqa: FBT001
    text = _text(message)
    return Inbound(
        account=account,
        event_key=f"{message.room}/{message.n}/{sign}",
        kind=kind,
        chat=message.room,
        private=private,
        sent_at=message.changed_at or message.at,
        sender=Sender(message.author, message.name),
        message_id=str(message.n),
        text=_without_mention(text),
        mentions_bot=MENTION in text,
    )


def photos_of(message: Message) -> list[str]:
    """The hashes, as far as the history can be read: a message that makes no sense must not stop its room."""
    found = message.body.get("photos", ())
    return [str(one) for one in found] if isinstance(found, Sequence) and not isinstance(found, str) else []


def _text(message: Message) -> str:
    found = message.body.get("text", "")
    return found if isinstance(found, str) else ""


def _without_mention(text: str) -> str:
    """The mention says whom the words are for; it is none of them."""
    return " ".join(part.strip() for part in text.split(MENTION)).strip() if MENTION in text else text
