"""What a platform sends, made to fit: no character and no length that a database refuses, on whichever it runs.

The one place for all channels, before anybody looks at an event. Words lose what cannot be kept. An id that does not
fit becomes a fixed one of its own: a shortened or cleaned id could be another's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
import sys
from datetime import UTC, datetime
from typing import Any

from bot.flow.codec import whole
from bot.model import Attachment, Dead, Inbound, InboundKind, Location, Retry, Sender, SendResult, Sent, Unknown

KEY, ID, NAME, REASON = 200, 128, 100, 500
"""Characters the columns hold (storage.schema), of a name and a reason what a person reads."""
_HALF = re.compile("[\ud800-\udfff]")
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


def ident(native: str, limit: int = ID) -> str:
    """The id itself, or where it is too long or broken a fixed one that stands for it and no other."""
    if _fits(native, limit):
        return native
    return "~" + hashlib.sha256(native.encode("utf-8", "surrogatepass")).hexdigest()


def fit(inbound: Inbound, now: datetime) -> Inbound:
    """The event as every database takes it. Nobody speaks later than `now`: a wrong clock would close all windows.

    Raises TypeError and its like for what is not made as an Inbound is.
    """
    if _plain(inbound, now):
        return inbound
    moved = inbound.kind is InboundKind.MIGRATED
    whole_event: dict[str, Any] = {
        "event_key": ident(inbound.event_key, KEY),
        "chat": ident(inbound.chat),
        "sent_at": max(OLDEST, min(inbound.sent_at, now)),
        "sender": _sender(inbound.sender),
        "message_id": _maybe(inbound.message_id),
        "text": ident(inbound.text) if moved else whole(inbound.text),
        "reply_to": _maybe(inbound.reply_to),
        "attachments": tuple(map(_attachment, inbound.attachments)),
        "location": _location(inbound.location),
        "group_key": _maybe(inbound.group_key),
        "button": None if inbound.button is None else whole(inbound.button)[:KEY],
        "earlier": tuple(fit(piece, now) for piece in inbound.earlier),
    }
    changed = {name: value for name, value in whole_event.items() if value != getattr(inbound, name)}
    return dataclasses.replace(inbound, **changed)


def _plain(inbound: Inbound, now: datetime) -> bool:
    """Words that fit and nothing else, as nearly all events are; told at a tenth of the cost of looking closely."""
    if inbound.attachments or inbound.location or inbound.button or inbound.earlier:
        return False
    ids = (inbound.chat, inbound.sender.native_id, inbound.message_id, inbound.reply_to, inbound.group_key)
    return (
        inbound.kind is not InboundKind.MIGRATED
        and OLDEST <= inbound.sent_at <= now
        and _fits(inbound.text)
        and _fits(inbound.event_key, KEY)
        and _fits(inbound.sender.name, NAME)
        and all(one is None or _fits(one, ID) for one in ids)
    )


def _fits(text: str, limit: int = sys.maxsize) -> bool:
    if len(text) > limit or "\0" in text:
        return False
    return text.isascii() or _HALF.search(text) is None


def answer(result: SendResult) -> SendResult:
    """The same for how a send ended: ids as `fit` makes them, a reason short and whole."""
    match result:
        case Sent(message_id):
            return Sent(ident(message_id))
        case Dead(reason, scope, moved_to):
            return Dead(_reason(reason), scope, _maybe(moved_to))
        case Retry(after, reason, scope):
            return Retry(after if math.isfinite(after) else 0.0, _reason(reason), scope)
        case Unknown(reason):
            return Unknown(_reason(reason))


def _maybe(native: str | None) -> str | None:
    return None if native is None else ident(native)


def _reason(text: str) -> str:
    return whole(text)[:REASON]


def _sender(sender: Sender) -> Sender:
    return dataclasses.replace(sender, native_id=ident(sender.native_id), name=whole(sender.name)[:NAME])


def _attachment(file: Attachment) -> Attachment:
    return dataclasses.replace(file, kind=whole(file.kind), ref=whole(file.ref))


def _location(point: Location | None) -> Location | None:
    """None where it is nowhere on earth."""
    if point is None or not (abs(point.lat) <= 90 and abs(point.lon) <= 180):  # also false for what is no number
        return None
    return dataclasses.replace(point, title=whole(point.title)[:KEY])
