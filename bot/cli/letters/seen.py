"""A dead letter as the operator may see it. Where it went, what it said: only what gives nobody away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from bot.cases.visibility import OPERATOR, Field, may_see
from bot.cli.casebook.book import Book
from bot.cli.casebook.sheet import KEPT
from bot.cli.letters.kinds import kind_word
from bot.cli.words import KINDS
from bot.logs import clean
from bot.model import ChatKind
from storage import cases, chats
from storage.records import CaseRow, ChatRow, DeadLetter

_PLACES: Final = {**KINDS, ChatKind.PRIVATE: "私聊", ChatKind.UNKNOWN: "没绑定的群"}
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Seen:
    """`where` and `kind` are empty for a post about a secret case: a private chat would name who told of it."""

    letter: DeadLetter
    chat: ChatRow | None
    case: CaseRow | None

    @property
    def secret(self) -> bool:
        return self.case is not None and not may_see(OPERATOR, self.case, Field.TEXT)

    @property
    def kind(self) -> str:
        return KEPT if self.secret else kind_word(self.letter.kind)

    @property
    def where(self) -> str:
        """A private chat has no title here: it would be somebody's name."""
        if self.secret or self.chat is None:
            return KEPT if self.secret else ""
        place = _PLACES[ChatKind(self.chat.kind)]
        return f"{self.chat.title}（{place}）" if self.chat.title and not self.private else place

    @property
    def private(self) -> bool:
        return self.chat is not None and self.chat.kind == ChatKind.PRIVATE

    @property
    def reason(self) -> str:
        return _SPACES.sub(" ", clean(self.letter.reason or "")).strip()

    @property
    def doubtful(self) -> bool:
        """It may have arrived: once more may be twice."""
        return self.letter.state == "unknown" and self.letter.native_id is None


def look(conn: Connection, letters: list[DeadLetter]) -> list[Seen]:
    """Each with its chat and its case."""
    known = {case.id: case for case in cases.several(conn, {one.case_id for one in letters if one.case_id})}
    places = {one.chat_id: chats.chat(conn, one.chat_id) for one in letters if one.chat_id is not None}
    return [Seen(one, places.get(one.chat_id or 0), known.get(one.case_id or 0)) for one in letters]


def as_json(one: Seen, book: Book) -> dict[str, Any]:
    letter = one.letter
    return {
        "id": letter.name,
        "state": letter.state,
        "account": letter.account,
        "chat": one.where,
        "kind": one.kind if one.secret else letter.kind,
        "case": letter.case_id,
        "failures": letter.failures,
        "reason": one.reason,
        "since": book.iso(letter.began_at),
        "given_up_at": book.iso(letter.done_at),
    }


def said(body: Mapping[str, Any] | None) -> str:
    """The words of a message as it is stored, those just before it included; the body may be what made us stumble."""
    return "\n".join(_texts(body)) if body else ""


def _texts(body: Mapping[str, Any]) -> Iterator[str]:
    earlier = body.get("earlier")
    for piece in earlier if isinstance(earlier, list) else ():
        if isinstance(piece, Mapping):
            yield from _texts(piece)
    if isinstance(text := body.get("text"), str) and text:
        yield text


def photos(body: Mapping[str, Any] | None) -> int:
    found = (body or {}).get("files") or (body or {}).get("photos")
    return len(found) if isinstance(found, list) else 0
