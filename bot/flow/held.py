"""Small talk of the last minutes, in memory only: never logged, never stored, bounded in age and number.

A piece stays when it has entered with another message: a second delivery of either then gets the same answer.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Inbound, InboundKind

PER_SENDER = 6
MAX_PIECES = 20_000  # of all senders; a city's busiest account says some hundreds in one window
USUAL = 400  # characters; a longer piece counts for several


@dataclass(slots=True)
class Piece:
    """`anchored`: a rule could fire on its text."""

    inbound: Inbound
    anchored: bool


class Held:
    """What was dropped, by chat and sender, for `window` of the platform's time."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._pieces: dict[tuple[str, str], deque[Piece]] = {}
        self._weight = 0
        self._order: deque[tuple[datetime, tuple[str, str]]] = deque()  # whose piece is the next to be forgotten

    def __len__(self) -> int:
        return sum(map(len, self._pieces.values()))

    def of(self, speaker: tuple[str, str]) -> Collection[Piece]:
        """All that may still be held of him, by chat and sender; most have said nothing for minutes."""
        return self._pieces.get(speaker, ())

    def add(self, inbound: Inbound, *, anchored: bool) -> None:
        if not self._window:
            return
        speaker = (inbound.chat, inbound.sender.native_id)
        pieces = self._pieces.get(speaker)
        if pieces is None:
            pieces = self._pieces[speaker] = deque()
        if len(pieces) == PER_SENDER:
            self._weight -= _weight(pieces.popleft().inbound)
        pieces.append(Piece(inbound, anchored))
        self._weight += _weight(inbound)
        self._order.append((inbound.sent_at, speaker))
        while self._weight > MAX_PIECES:
            self._forget(*self._order.popleft())
        if len(self._order) > 2 * MAX_PIECES:
            self._tidy()

    def _tidy(self) -> None:
        """One who talks without end leaves many entries for his few pieces; others must not be forgotten for them."""
        self._order = deque(
            sorted((piece.inbound.sent_at, who) for who, pieces in self._pieces.items() for piece in pieces)
        )

    def before(self, inbound: Inbound) -> list[Piece]:
        """What the same sender said within the window before this message, oldest first."""
        oldest = inbound.sent_at - self._window
        pieces = self.of((inbound.chat, inbound.sender.native_id))
        return [p for p in pieces if oldest <= p.inbound.sent_at <= inbound.sent_at and _other(p, inbound)]

    def quoted(self, inbound: Inbound) -> Inbound | None:
        """The message it quotes, by whomever, if that is still held."""
        if inbound.reply_to is None:
            return None
        oldest = inbound.sent_at - self._window
        found = self._find(inbound.chat, inbound.reply_to)
        return next((piece.inbound for _, piece in found if piece.inbound.sent_at >= oldest), None)

    def change(self, inbound: Inbound, *, anchored: bool) -> None:
        """An edit takes the place of what was said; what was recalled is forgotten, whoever recalled it."""
        for pieces, piece in list(self._find(inbound.chat, inbound.message_id)):
            if inbound.kind is InboundKind.EDIT:
                self._weight += _weight(inbound) - _weight(piece.inbound)
                piece.inbound = dataclasses.replace(piece.inbound, text=inbound.text)
                piece.anchored = anchored
            else:
                pieces.remove(piece)
                self._weight -= _weight(piece.inbound)

    def purge(self, now: datetime) -> None:
        """Forget what is older than the window; costs next to nothing where that is nothing."""
        oldest = now - self._window
        while self._order and self._order[0][0] < oldest:
            self._forget(*self._order.popleft())

    def _forget(self, until: datetime, speaker: tuple[str, str]) -> None:
        pieces = self._pieces.get(speaker)
        while pieces and pieces[0].inbound.sent_at <= until:
            self._weight -= _weight(pieces.popleft().inbound)
        if not pieces:
            self._pieces.pop(speaker, None)

    def clear(self) -> None:
        self._pieces.clear()
        self._order.clear()
        self._weight = 0

    def _find(self, chat: str, message_id: str | None) -> Iterator[tuple[deque[Piece], Piece]]:
        """By its id alone, through all senders of the chat: only edits, recalls and quotes by staff ask for it."""
        for (where, _), pieces in self._pieces.items():
            if where == chat and message_id is not None:
                yield from ((pieces, piece) for piece in pieces if piece.inbound.message_id == message_id)


def _other(piece: Piece, inbound: Inbound) -> bool:
    """Not the event itself, nor the earlier wording of the message it edits."""
    held = piece.inbound
    return held.event_key != inbound.event_key and (held.message_id is None or held.message_id != inbound.message_id)


def _weight(inbound: Inbound) -> int:
    return 1 + len(inbound.text) // USUAL
