"""What a page may ask for, by `op`. Every request gets an answer or a sentence that says why not."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.channels.webchat import words
from bot.channels.webchat.connection import PAGE, Connection
from bot.channels.webchat.hub import Hub
from bot.channels.webchat.render import Frame, me_frame, message_frame, room_entry
from bot.channels.webchat.session import Window
from bot.channels.webchat.speech import MOST_PHOTOS, Refused, Speech
from bot.ports import RoomLog

log = logging.getLogger(__name__)

SPAN = timedelta(seconds=10)
LOOKS_PER_TEN_SECONDS = 200  # history, read marks: a thumb scrolling fast stays far below
PRESSES_AT_ONCE = 8  # of one page
_CID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HASH = re.compile(r"[0-9a-f]{64}")
_ROOM = re.compile(r"[^\x00-\x1f]{1,128}")
_HIGHEST = 2**53  # numbers beyond are none of JavaScript's
_LOOKS = frozenset({"history", "read", "hello"})

Handler = Callable[[Connection, Frame], Awaitable[None]]


class Protocol:
    def __init__(
        self, speech: Speech, rooms: RoomLog, hub: Hub, clock: Callable[[], datetime], *, says_per_ten_seconds: int
    ) -> None:
        self._speech, self._rooms, self._hub, self._clock = speech, rooms, hub, clock
        self._says = Window(says_per_ten_seconds, SPAN)
        self._looks = Window(LOOKS_PER_TEN_SECONDS, SPAN)
        self._presses: dict[Connection, set[asyncio.Task[None]]] = {}
        self._handlers: Mapping[str, Handler] = {
            "hello": self._hello,
            "say": self._say,
            "edit": self._edit,
            "recall": self._recall,
            "press": self._press,
            "read": self._read,
            "history": self._history,
        }

    async def handle(self, connection: Connection, frame: Frame | None) -> None:
        """Do what a page asks. Never raises for what a page sends."""
        handler = self._handlers.get(frame["op"]) if frame else None
        if frame is None or handler is None:
            connection.answer(_error(None, words.NOT_UNDERSTOOD))
            return
        try:
            self._pace(connection, frame["op"])
            await handler(connection, frame)
        except Refused as refused:
            connection.answer(_error(frame.get("cid"), str(refused)))
        except OSError as away:
            log.warning("history away", extra={"action": "webchat_history_away", "op": frame["op"], "why": str(away)})
            connection.answer(_error(frame.get("cid"), words.NOT_STORED))
        except Exception:
            log.exception("a request of a page failed", extra={"action": "webchat_request_failed", "op": frame["op"]})
            connection.answer(_error(frame.get("cid"), words.NOT_UNDERSTOOD))

    async def finish(self, connection: Connection) -> None:
        """The page is gone: let what it pressed be handed over, then forget it."""
        tasks = self._presses.pop(connection, set())
        await asyncio.gather(*tasks, return_exceptions=True)

    def _pace(self, connection: Connection, op: str) -> None:
        window = self._looks if op in _LOOKS else self._says
        if not window.allows(connection.member.id, self._clock()):
            raise Refused(words.TOO_FAST)

    async def _hello(self, connection: Connection, frame: Frame) -> None:
        rooms = await self._rooms.rooms_of(connection.member.id)
        self._hub.join(connection, [room.id for room in rooms])
        rooms = await self._rooms.rooms_of(connection.member.id)  # again: what came before we listened is in it now
        given = frame.get("revs")
        revs = given if isinstance(given, dict) else {}
        known = {room.id: revs[room.id] for room in rooms if _is_number(revs.get(room.id))}
        entries = [room_entry(room) for room in rooms]
        connection.greet({"op": "welcome", "me": me_frame(connection.member), "rooms": entries}, known)

    async def _say(self, connection: Connection, frame: Frame) -> None:
        room, cid = _room(frame), _cid(frame)
        quote = frame.get("quote")
        said = await self._speech.say(
            connection.member,
            room,
            _text(frame, "text"),
            cid=cid,
            quote=quote if _is_number(quote) else None,
            photos=_photos(frame),
        )
        self._confirm(connection, room, cid, said.n, said.rev)

    async def _edit(self, connection: Connection, frame: Frame) -> None:
        room, cid, n = _room(frame), _cid(frame), _number(frame, "n")
        rev = await self._speech.edit(connection.member, room, n, _text(frame, "text"))
        self._confirm(connection, room, cid, n, rev)

    async def _recall(self, connection: Connection, frame: Frame) -> None:
        room, cid, n = _room(frame), _cid(frame), _number(frame, "n")
        self._confirm(connection, room, cid, n, await self._speech.recall(connection.member, room, n))

    async def _press(self, connection: Connection, frame: Frame) -> None:
        """Runs beside the page's other requests: its answer may take seconds."""
        running = self._presses.setdefault(connection, set())
        if len(running) >= PRESSES_AT_ONCE:
            raise Refused(words.TOO_FAST)
        task = asyncio.create_task(self._press_now(connection, frame))
        running.add(task)
        task.add_done_callback(running.discard)

    async def _press_now(self, connection: Connection, frame: Frame) -> None:
        try:
            cid = _cid(frame)
            text = await self._speech.press(
                connection.member, _room(frame), _number(frame, "n"), _text(frame, "data"), cid=cid
            )
        except Refused as refused:
            connection.answer(_error(frame.get("cid"), str(refused)))
        except Exception:
            log.exception("a press failed", extra={"action": "webchat_press_failed"})
            connection.answer(_error(frame.get("cid"), words.PRESS_LOST))
        else:
            connection.answer({"op": "pressed", "cid": cid, "text": text})

    async def _read(self, connection: Connection, frame: Frame) -> None:
        room, n = _room(frame), _number(frame, "n")
        if await self._rooms.mark_read(room, connection.member.id, n):
            self._hub.read_elsewhere(connection.member.id, room, n, by=connection)

    async def _history(self, connection: Connection, frame: Frame) -> None:
        room, before = _room(frame), _number(frame, "before")
        if not await self._rooms.is_in(room, connection.member.id):
            raise Refused(words.NOT_IN_ROOM)
        found = await self._rooms.before(room, before, PAGE + 1)
        messages = [message_frame(one) for one in found[-PAGE:]]
        connection.answer({"op": "history", "room": room, "msgs": messages, "more": len(found) > PAGE})

    def _confirm(self, connection: Connection, room: str, cid: str, n: int, rev: int) -> None:
        """`said` once the bridge has it; one sentence while it does not."""
        warned = False

        def tell(accepted: bool) -> None:  # noqa: FBT001 - the shape of Tell
            nonlocal warned
            if accepted:
                connection.answer({"op": "said", "cid": cid, "room": room, "n": n})
            elif not warned:
                warned = True
                connection.answer(_error(cid, words.RETRYING))

        self._speech.when_accepted(room, rev, tell)


def _error(cid: Any, text: str) -> Frame:
    return {"op": "error", "cid": cid if isinstance(cid, str) else None, "text": text}


def _is_number(value: Any) -> bool:
    return type(value) is int and 0 < value < _HIGHEST


def _number(frame: Frame, key: str) -> int:
    if not _is_number(frame.get(key)):
        raise Refused(words.NOT_UNDERSTOOD)
    return int(frame[key])


def _text(frame: Frame, key: str) -> str:
    if not isinstance(frame.get(key), str):
        raise Refused(words.NOT_UNDERSTOOD)
    return str(frame[key])


def _cid(frame: Frame) -> str:
    return _matching(_CID, _text(frame, "cid"))


def _room(frame: Frame) -> str:
    return _matching(_ROOM, _text(frame, "room"))


def _matching(pattern: re.Pattern[str], text: str) -> str:
    if not pattern.fullmatch(text) or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refused(words.NOT_UNDERSTOOD)
    return text


def _photos(frame: Frame) -> list[str]:
    photos = frame.get("photos") or []
    if not isinstance(photos, list) or len(photos) > MOST_PHOTOS * 4:
        raise Refused(words.NOT_UNDERSTOOD)
    return [_matching(_HASH, one) if isinstance(one, str) else _matching(_HASH, "") for one in photos]
