"""The stream as a platform delivers it: updates of Telegram's Bot API, and the little of them that we read.

The parser stands for that of a channel: plain dicts, no typed objects before the gate (architecture.md, rule 3).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from benchmarks.stream import Said
from bot.model import Attachment, Inbound, InboundKind, Sender

ACCOUNT = "telegram:bench"
BOT_ID = 1


def update(said: Said) -> dict[str, Any]:
    """What getUpdates or a webhook would bring."""
    speaker = said.group * 1000 + said.speaker + 10
    return {
        "update_id": 10_000_000 + said.number,
        "message": {
            "message_id": said.number + 1,
            "from": {"id": speaker, "is_bot": False, "first_name": f"住户{speaker}", "language_code": "zh-hans"},
            "chat": {"id": native_group(said.group), "title": f"网格{said.group}群", "type": "supergroup"},
            "date": int(said.at.timestamp()),
            "text": said.text,
        },
    }


def native_group(number: int) -> int:
    return -1_001_000_000_000 - number


def lines(said: Iterable[Said]) -> list[bytes]:
    """One JSON document a message."""
    return [json.dumps(update(one), ensure_ascii=False).encode() for one in said]


def parse(update: dict[str, Any]) -> Inbound:
    """A message as our own value."""
    message = update["message"]
    chat, sender, quoted = message["chat"], message["from"], message.get("reply_to_message")
    number = str(message["message_id"])
    return Inbound(
        account=ACCOUNT,
        event_key=f"{chat['id']}/{number}",
        kind=InboundKind.MESSAGE,
        chat=str(chat["id"]),
        private=chat["type"] == "private",
        sent_at=datetime.fromtimestamp(message["date"], UTC),
        sender=Sender(str(sender["id"]), sender["first_name"], is_bot=sender["is_bot"]),
        message_id=number,
        text=message.get("text") or message.get("caption", ""),
        reply_to=None if quoted is None else str(quoted["message_id"]),
        reply_to_bot=quoted is not None and quoted["from"]["id"] == BOT_ID,
        mentions_bot=any(entity["type"] == "mention" for entity in message.get("entities", ())),
        attachments=tuple(Attachment("photo", size["file_id"]) for size in message.get("photo", ())[-1:]),
        group_key=message.get("media_group_id"),
    )
