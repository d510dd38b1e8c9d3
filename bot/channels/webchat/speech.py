"""What a member does in a room, with the reasons why he may not. Used by the pages and by whoever plays a member."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.channels.webchat import words
from bot.channels.webchat.feeder import Feeder, Tell
from bot.channels.webchat.hub import Hub
from bot.channels.webchat.parse import BOT, press_event, private_room
from bot.channels.webchat.presses import Presses
from bot.channels.webchat.session import hashes, tokens_in
from bot.cleantext import clean
from bot.errors import GridbridgeError, NotAccepted
from bot.ports import Accept, RoomLog
from bot.rooms import Appended, Member, Message

LONGEST = 2000  # characters
MOST_PHOTOS = 9
EDITABLE = timedelta(hours=24)


class Refused(GridbridgeError):  # noqa: N818 - an answer, not a fault
    """Not done; the message is the sentence for the member."""


class Speech:
    """Every change is in the history when a method returns; `tell` hears when the bridge has accepted it."""

    def __init__(self, account: str, rooms: RoomLog, hub: Hub, feeder: Feeder, clock: Callable[[], datetime]) -> None:
        self._account, self._rooms, self._hub, self._feeder, self._clock = account, rooms, hub, feeder, clock
        self._presses = Presses()
        self.accept: Accept | None = None

    async def say(
        self,
        member: Member,
        room: str,
        text: str,
        *,
        cid: str,
        quote: int | None = None,
        photos: Sequence[str] = (),
    ) -> Appended:
        words_said = _clean(text)
        if not words_said and not photos:
            raise Refused(words.EMPTY)
        if len(photos) > MOST_PHOTOS:
            raise Refused(words.PHOTOS_TOO_MANY)
        await self._must_be_in(room, member)
        body: dict[str, object] = {"text": words_said}
        if quote is not None and await self._rooms.get(room, quote):
            body["quote"] = quote
        if photos:
            body["photos"] = list(dict.fromkeys(photos))
        said = await self._rooms.append(room, member.id, body, now=self._clock(), cid=cid)
        if said is None:
            raise Refused(words.PHOTO_GONE)
        await self._burn(member, room, words_said)
        self._hub.ahead(room)
        self._feeder.nudge(room)
        return said

    async def edit(self, member: Member, room: str, n: int, text: str) -> int:
        """The revision. Only the words change: photos and quote stay."""
        words_said = _clean(text)
        if not words_said:
            raise Refused(words.EMPTY)
        await self._must_be_in(room, member)
        old = await self._own(member, room, n)
        if self._clock() - old.at > EDITABLE:
            raise Refused(words.TOO_LATE)
        rev = await self._rooms.change(room, n, member.id, {**old.body, "text": words_said}, now=self._clock())
        await self._burn(member, room, words_said)
        return self._changed(room, rev)

    async def recall(self, member: Member, room: str, n: int) -> int:
        await self._must_be_in(room, member)
        await self._own(member, room, n)
        return self._changed(room, await self._rooms.recall(room, n, member.id, now=self._clock()))

    async def press(self, member: Member, room: str, n: int, data: str, *, cid: str) -> str:
        """The bridge's word on the spot, "" if it has none."""
        await self._must_be_in(room, member)
        message = await self._rooms.get(room, n)
        if message is None or message.author != BOT or not _has_button(message, data):
            raise Refused(words.BUTTON_GONE)
        if self.accept is None:
            raise Refused(words.PRESS_LOST)
        event = press_event(self._account, message, member, data, cid, self._clock())
        try:
            return await self._presses.press(event, self.accept)
        except NotAccepted as away:
            raise Refused(words.PRESS_LOST) from away

    def when_accepted(self, room: str, rev: int, tell: Tell) -> None:
        self._feeder.when_fed(room, rev, tell)

    def answer_press(self, event_key: str, text: str) -> None:
        self._presses.resolve(event_key, text)

    async def _must_be_in(self, room: str, member: Member) -> None:
        if not await self._rooms.is_in(room, member.id):
            raise Refused(words.NOT_IN_ROOM)

    async def _own(self, member: Member, room: str, n: int) -> Message:
        message = await self._rooms.get(room, n)
        if message is None or message.author != member.id:
            raise Refused(words.NOT_YOURS)
        return message

    def _changed(self, room: str, rev: int | None) -> int:
        if rev is None:
            raise Refused(words.NOT_YOURS)
        self._hub.ahead(room)
        self._feeder.nudge(room)
        return rev

    async def _burn(self, member: Member, room: str, text: str) -> None:
        """An invite that a group has seen could be anybody's."""
        tokens = tokens_in(text)
        if tokens and room != private_room(member.id):
            await self._rooms.burn_invites(hashes(tokens), self._clock())


def _clean(text: str) -> str:
    """Fit to be shown in the room; Refused where it is too long, so that he himself decides what to leave out."""
    cleaned = clean(text, LONGEST + 1).strip()
    if len(cleaned) > LONGEST or len(text) > LONGEST * 2:
        raise Refused(words.TOO_LONG)
    return cleaned


def _has_button(message: Message, data: str) -> bool:
    return not message.recalled and any(one.get("data") == data for one in message.body.get("buttons", ()))
