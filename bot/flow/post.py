"""One message into the outbox: when it may go out, in which lane, in how many parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.flow import discretion, manners
from bot.flow.draft import Draft
from bot.flow.lanes import lane_of
from bot.flow.manners import Night
from bot.flow.split import split
from bot.model import ChatKind, Priority
from bot.ports import Capabilities, Channel
from storage import menus, outbox
from storage.records import CaseRow, ChatRow, NewPost

AT_NIGHT = frozenset({"accepted", "result", "reopened", "published"})
"""What people who are awake because of an emergency want to hear of it."""
AT_ONCE = frozenset({"acked", "answer", "emergency", "storm"})
"""What is said in a residents' group at once or never: hours later, after an outage or a retry, it only startles."""
NO_WAIT = timedelta()
_PRIORITIES = {"result": Priority.RESULT, "reported": Priority.CARD, "reminder": Priority.REMINDER}


@dataclass(frozen=True, slots=True)
class Quiet:
    """When to keep still: the night, how long a card waits for further pieces, after which time words are stale."""

    night: Night
    card_wait: timedelta
    late: timedelta

    def due(
        self,
        chat: ChatRow,
        kind: str,
        rank: int,
        case: CaseRow | None,
        now: datetime,
        wait: timedelta = NO_WAIT,
        *,
        urgent: bool | None = None,
    ) -> datetime:
        """When it may go out; what concerns an emergency does not wait for the morning."""
        if case is not None and case.urgency == "emergency" and kind in AT_NIGHT:
            return now
        return manners.due_at(
            now,
            kind=kind,
            chat_kind=chat.kind,
            priority=rank,
            night=self.night,
            wait=wait,
            urgent=is_urgent(case) if urgent is None else urgent,
        )

    def stale_at(self, chat: ChatRow, kind: str, due: datetime) -> datetime | None:
        """From when on it is better left unsaid."""
        return due + self.late if chat.kind == ChatKind.RESIDENTS and kind in AT_ONCE else None


class Poster:
    """Writes outbox rows in the transaction of the act. `channels`: account -> channel, for their capabilities."""

    def __init__(self, quiet: Quiet, channels: Mapping[str, Channel]) -> None:
        self.quiet, self._channels = quiet, channels

    def post(  # noqa: PLR0913 - the columns of one outbox row
        self,
        conn: Connection,
        chat: ChatRow,
        kind: str,
        draft: Draft,
        now: datetime,
        *,
        case: CaseRow | None = None,
        event_id: int | None = None,
        wait: timedelta = NO_WAIT,
        dedupe: str | None = None,
        priority: Priority | None = None,
        urgent: bool | None = None,
    ) -> int | None:
        """Put one message into the outbox, in parts where it is long; the id of the first part.

        `urgent` (default: as the case is): what it tells of has a clock that runs round the clock.
        """
        if not chat.account or not chat.reachable:
            return None
        rank = priority if priority is not None else self.priority(kind, case)
        urgent = is_urgent(case) if urgent is None else urgent
        due = self.quiet.due(chat, kind, rank, case, now, wait, urgent=urgent)
        if kind == "result" and case is not None:
            dedupe = f"result:{case.id}:{case.closings}:{chat.id}"
        rows = [
            NewPost(
                lane=lane_of(chat.id, case.id if case else None, kind, rank, urgent=urgent),
                account=chat.account,
                chat_id=chat.id,
                case_id=case.id if case else None,
                event_id=event_id,
                kind=kind,
                priority=int(rank),
                body=part.dump(),
                dedupe=dedupe if dedupe is None or number == 1 else f"{dedupe}:{number}",
                due_at=due,
                expires_at=self.quiet.stale_at(chat, kind, due),
            )
            for number, part in enumerate(self._parts(chat, discretion.fit_for(chat, draft)), 1)
        ]
        row = outbox.put(conn, rows, now)[0]
        if row is not None and draft.menu and draft.menu_for is not None:
            menus.put_menu(
                conn, chat_id=chat.id, person_id=draft.menu_for, items=draft.menu, outbox_id=row, shown_at=now
            )
        return row

    def _parts(self, chat: ChatRow, draft: Draft) -> list[Draft]:
        """A text that is too long for the platform becomes several rows of the lane, buttons on the last."""
        pieces = split(draft.text, self.capabilities(chat)) if draft.view == "text" else [draft.text]
        if len(pieces) == 1:
            return [draft]
        first = Draft.load(draft.dump() | {"text": pieces[0], "buttons": ()})
        rest = [Draft(view="text", text=piece, link=draft.link) for piece in pieces[1:-1]]
        last = Draft(view="text", text=pieces[-1], link=draft.link, buttons=draft.buttons)
        return [first, *rest, last]

    def capabilities(self, chat: ChatRow) -> Capabilities:
        channel = self._channels.get(chat.account)
        return channel.capabilities if channel else Capabilities(reads_all=False)

    @staticmethod
    def priority(kind: str, case: CaseRow | None) -> Priority:
        urgent = case is not None and case.urgency == "emergency" and case.state == "reported"
        if kind == "emergency" or (urgent and kind in ("reported", "round", "phones", "supplement")):
            return Priority.EMERGENCY
        return _PRIORITIES.get(kind, Priority.NOTICE)


def is_urgent(case: CaseRow | None) -> bool:
    return case is not None and case.urgency != "normal"
