"""The paper platform with memory: everything said in a room stands there, people's words beside the bot's."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from PIL import Image

from bot.model import Attachment, Button, Inbound, InboundKind, Post, Sender, SendResult, Sent
from tests.fakes.paper import CAPABILITIES, PaperChannel

PRIVATE = "p:"
BOT = "网格小助手"


@dataclass(slots=True)
class Message:
    """`versions`: the bot's posts it was made of, the first one first; empty if a person said it. `said`: his event."""

    id: str
    chat: str
    text: str = ""
    photos: int = 0
    versions: list[Post] = field(default_factory=list)
    said: Inbound | None = None


class Platform(PaperChannel):
    """`reachable`: whom the bot may write to first; everybody else must speak to it in private before."""

    def __init__(self, account: str, reachable: Collection[str], *, clock: Callable[[], datetime]) -> None:
        super().__init__(account, replace(CAPABILITIES, per_chat_per_minute=6000, send_timeout=5.0), clock=clock)
        self.reachable = reachable
        self.rooms: dict[str, list[Message]] = {}
        self.news: list[tuple[Message, Post]] = []  # sent since somebody last emptied it
        self.toasts: list[tuple[str, str]] = []  # (who pressed, what he read), likewise

    def private_chat(self, person: str) -> str | None:
        return super().private_chat(person) if person in self.reachable else None

    async def send(self, post: Post) -> SendResult:
        outcome = await super().send(post)
        if isinstance(outcome, Sent):
            message = self.find(post.chat, outcome.message_id) or self._add(Message(outcome.message_id, post.chat))
            message.versions.append(post)
            self.news.append((message, post))
        return outcome

    async def ack(self, inbound: Inbound, text: str) -> None:
        self.toasts.append((inbound.sender.name, text))

    def find(self, chat: str, message_id: str) -> Message | None:
        return next((message for message in self.rooms.get(chat, []) if message.id == message_id), None)

    def speak(
        self, chat: str, who: str, text: str, *, at: datetime, quoted: Message | None = None, photos: int = 0
    ) -> Inbound:  # fmt: skip
        """A new message; 匿名 is an anonymous sender and 别的机器人 another bot."""
        sender = Sender(who, who, is_bot=who == "别的机器人", anonymous=who == "匿名")
        event = self.say(
            chat, who, text, sent_at=at, mentions_bot=f"@{BOT}" in text, attachments=self._pictures(photos),
            reply_to=quoted.id if quoted else None, reply_to_bot=quoted is not None and bool(quoted.versions),
        )  # fmt: skip
        event = replace(event, sender=sender)
        assert event.message_id is not None
        self._add(Message(event.message_id, chat, text, photos, said=event))
        return event

    def tap(self, message: Message, who: str, button: Button) -> Inbound:
        event = self._event(InboundKind.BUTTON, message.chat, who, f"press:{next(self._ids)}", message_id=message.id)
        return replace(event, button=button.data)

    def happen(self, kind: InboundKind, chat: str, who: str) -> Inbound:
        return self._event(kind, chat, who, f"{kind}:{next(self._ids)}")

    def _add(self, message: Message) -> Message:
        self.rooms.setdefault(message.chat, []).append(message)
        return message

    def _pictures(self, count: int) -> tuple[Attachment, ...]:
        return tuple(self._picture() for _ in range(count))

    def _picture(self) -> Attachment:
        """A small picture that no other one is equal to."""
        number, buffer = next(self._ids), io.BytesIO()
        Image.new("RGB", (4, 4), (number % 256, number // 256 % 256, 90)).save(buffer, "PNG")
        self.files[f"p{number}"] = buffer.getvalue()
        return Attachment("photo", f"p{number}")
