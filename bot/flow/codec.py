"""Inbound <-> JSON for the inbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
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
        "quoted": whole(inbound.reply_text),
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


def rescue(inbound: Inbound) -> dict[str, Any]:
    """A body for what no database took, out of plain values alone: as `dump` makes it as far as it goes.

    Where a field is not even of its kind, all fields as they were: `load` refuses it, but nothing of it is lost.
    """
    try:
        return dict(_plain(dump(inbound)))
    except Exception:  # noqa: BLE001 - the boundary of one event that is parked already; its own error is told
        return {"text": _plain(inbound.text), "unfit": _plain(asdict(inbound))}


def _plain(value: Any) -> Any:
    """The same in what JSON and every database knows."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {whole(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_plain(item) for item in value]
    return whole(str(value))


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
        reply_text=body.get("quoted", ""),
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
