"""Inbound <-> JSON for the inbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.model import Attachment, Inbound, InboundKind, Location, Sender


def dump(inbound: Inbound) -> dict[str, Any]:
    """The JSON body of an inbox row; what has its default value is left out (an empty id is none)."""
    body: dict[str, Any] = {
        "account": inbound.account,
        "key": inbound.event_key,
        "kind": inbound.kind.value,
        "chat": inbound.chat,
        "at": inbound.sent_at.isoformat(),
        "from": [inbound.sender.native_id, whole(inbound.sender.name), inbound.sender.anonymous],
    }
    optional = {
        "bot": inbound.sender.is_bot,
        "private": inbound.private,
        "id": inbound.message_id,
        "text": whole(inbound.text),
        "reply": inbound.reply_to,
        "to_bot": inbound.reply_to_bot,
        "mention": inbound.mentions_bot,
        "files": [[a.kind, a.ref, a.blob, a.size] for a in inbound.attachments],
        "album": inbound.group_key,
        "button": inbound.button,
        "refused": list(inbound.refused),
        "earlier": [dump(piece) for piece in inbound.earlier],
    }
    body.update({key: value for key, value in optional.items() if value})
    if inbound.location:
        body["location"] = [inbound.location.lat, inbound.location.lon, whole(inbound.location.title)]
    return body


def whole(text: str) -> str:
    """Without halves of characters and NULs, which people can send and no database takes."""
    return text.encode("utf-8", "ignore").decode().replace("\0", "")


def load(body: Mapping[str, Any]) -> Inbound:
    """The reverse of `dump`."""
    native_id, name, anonymous = body["from"]
    location = body.get("location")
    return Inbound(
        account=body["account"],
        event_key=body["key"],
        kind=InboundKind(body["kind"]),
        chat=body["chat"],
        private=body.get("private", False),
        sent_at=datetime.fromisoformat(body["at"]),
        sender=Sender(native_id, name, is_bot=body.get("bot", False), anonymous=anonymous),
        message_id=body.get("id"),
        text=body.get("text", ""),
        reply_to=body.get("reply"),
        reply_to_bot=body.get("to_bot", False),
        mentions_bot=body.get("mention", False),
        attachments=tuple(Attachment(*file) for file in body.get("files", ())),
        location=Location(*location) if location else None,
        group_key=body.get("album"),
        button=body.get("button"),
        refused=tuple(body.get("refused", ())),
        earlier=tuple(load(piece) for piece in body.get("earlier", ())),
    )


def photos_of(inbound: Inbound) -> list[str]:
    """The kept photos of a message, those of what was said just before included."""
    said = (*inbound.earlier, inbound)
    return [file.blob for message in said for file in message.attachments if file.blob]


def photos_in(body: Mapping[str, Any]) -> Iterator[str]:
    """The same of a body as it is stored, which need not make sense as a message."""
    for _, _, blob, _ in body.get("files", ()):
        if blob:
            yield blob
    for piece in body.get("earlier", ()):
        yield from photos_in(piece)
