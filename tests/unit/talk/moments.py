"""One message in a made-up moment, and what it is decided to mean."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

from bot.model import Attachment, ChatKind, Inbound, InboundKind, Sender
from bot.talk import decisions as d
from bot.talk.commands import Quoted, parse
from bot.talk.dialogue import decide
from classifiers.keyword import Classifier
from storage.records import LinkRow, MenuRow, QuestionRow
from tests.unit.talk.samples import NOW

RESIDENT = d.Speaker(person_id=6, name="张姐")
NEIGHBOUR = d.Speaker(person_id=9, name="老周")
WORKER = d.Speaker(person_id=5, name="王芳", is_staff=True, roles=frozenset({"grid_worker"}))
PHOTO = Attachment("photo", "p1")


@cache
def classifier() -> Classifier:
    return Classifier.load()


def message(text: str, **changes: Any) -> Inbound:
    values: dict[str, Any] = {
        "account": "test:one", "event_key": "m9", "kind": InboundKind.MESSAGE, "chat": "c", "private": False,
        "sent_at": NOW, "sender": Sender("u", "u"), "message_id": "m9", "text": text,
    }  # fmt: skip
    return Inbound(**(values | changes))


def link(role: str, case_id: int = 128) -> LinkRow:
    return LinkRow(
        id=1, case_id=case_id, chat_id=1, message_id="m1", role=role, person_id=None, closing=None, said_at=NOW
    )  # fmt: skip


def menu(*items: int, minutes: int = 5) -> MenuRow:
    return MenuRow(
        id=1, chat_id=1, person_id=5, message_id=None, items=items, shown_at=NOW - timedelta(minutes=minutes)
    )


def question(kind: str, minutes: int = 30) -> QuestionRow:
    until = NOW + timedelta(minutes=minutes)
    return QuestionRow(id=1, chat_id=1, person_id=6, case_id=128, kind=kind, asked_at=NOW, until=until)


def outcome(
    text: str,
    kind: ChatKind,
    speaker: d.Speaker,
    *,
    under: Quoted = "none",
    said: dict[str, Any] | None = None,
    **known: Any,
) -> d.Decision:
    """What `text` means there; `said`: further facts of the message, `known`: of its context."""
    private = kind is ChatKind.PRIVATE
    facts = {"private": private, "reply_to": None if under == "none" else "m1"} | (said or {})
    context = d.Context(
        chat_kind=kind,
        speaker=speaker,
        verdict=classifier().classify(text, sender="worker" if speaker.is_staff and not private else "resident"),
        understand=classifier().classify,
        command=parse(text, role="worker" if speaker.is_staff else "resident", quoted=under, private=private),
        **known,
    )
    return decide(message(text, **facts), context)
