"""What travels between the pigeon post and its channel: events and posts as JSON, in the manner of a bot platform."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model import Attachment, Inbound, InboundKind, Post, Sender


@dataclass(frozen=True, slots=True)
class Update:
    """An event as the platform keeps it until it is acknowledged. `n` grows; `key` stays when it is told again."""

    n: int
    key: str
    kind: str
    chat: str
    sender: str
    at: datetime
    text: str = ""
    message: str | None = None
    reply_to: str | None = None
    reply_to_bot: bool = False
    reply_text: str = ""
    button: str | None = None
    photos: tuple[str, ...] = ()

    def dump(self) -> dict[str, Any]:
        return {
            "n": self.n, "key": self.key, "kind": self.kind, "chat": self.chat, "from": self.sender,
            "at": self.at.isoformat(), "text": self.text, "id": self.message, "reply": self.reply_to,
            "to_bot": self.reply_to_bot, "quoted": self.reply_text, "button": self.button, "photos": list(self.photos),
        }  # fmt: skip


def inbound_of(account: str, update: dict[str, Any]) -> Inbound:
    """Raises KeyError, ValueError and TypeError for what is no update."""
    return Inbound(
        account=account,
        event_key=update["key"],
        kind=InboundKind(update["kind"]),
        chat=update["chat"],
        private=update["chat"].startswith("p:"),
        sent_at=datetime.fromisoformat(update["at"]),
        sender=Sender(update["from"], update["from"]),
        message_id=update["id"],
        text=update["text"],
        reply_to=update["reply"],
        reply_to_bot=update["to_bot"],
        reply_text=update["quoted"],
        attachments=tuple(Attachment("photo", ref) for ref in update["photos"]),
        button=update["button"],
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A post that reached the platform. `life`: which start of which process sent it; `at`: monotonic seconds."""

    account: str
    life: str
    at: float
    key: str
    chat: str
    text: str
    message: str
    edits: str | None = None
    quote: str | None = None
    buttons: tuple[tuple[str, str], ...] = field(default=())  # (label, data)


def post_body(post: Post) -> dict[str, Any]:
    card = post.card
    lines = [card.title, *(f"{label} {value}" for label, value in card.lines), card.note] if card else []
    return {
        "chat": post.chat, "key": post.key, "text": "\n".join(line for line in (post.text, *lines) if line),
        "edits": post.edits, "quote": post.quote, "buttons": [[b.label, b.data] for b in post.buttons],
    }  # fmt: skip
