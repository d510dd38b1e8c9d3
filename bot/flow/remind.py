"""Due rows become outbox rows, and nothing else: what a tick does (architecture.md, rule 10)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot.cases.clocks import Clocks
from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.duty import on_duty
from bot.cases.notices import REMINDERS, Kind
from bot.flow.audience import Target
from bot.flow.draft import Draft
from bot.flow.tell import Teller
from bot.model import Audience, Notice, Priority
from bot.talk import lists
from storage import cases, menus
from storage.errors import Unavailable
from storage.records import CaseRow

log = logging.getLogger(__name__)
BATCH = 200
STUMBLED = timedelta(hours=1)
BACK = 30  # days; no row of holidays is as long
PERHAPS_DAYS = timedelta(days=7)
CALLS = frozenset({Kind.ROUND.value, Kind.PHONES.value})


@dataclass(frozen=True, slots=True)
class Due:
    """One sentence of a reminder on its way to one recipient."""

    target: Target
    case: CaseRow
    text: str
    kind: str
    urgent: bool


class Reminding:
    """`list_times`: local times at which the list of perhapses goes out."""

    def __init__(self, teller: Teller, clocks: Callable[[], Clocks], list_times: tuple[time, ...]) -> None:
        self._teller, self._clocks, self._times = teller, clocks, list_times

    def tick(self, conn: Connection, directory: Directory, now: datetime) -> int:
        """Everything that is due, gathered into one message per recipient; the number of cases looked at."""
        found = cases.due(conn, now, BATCH)
        due: list[Due] = []
        for case in found:
            due += self._guarded(conn, directory, case, now)
        self._send(conn, due, now)
        return len(found)

    def _guarded(self, conn: Connection, directory: Directory, case: CaseRow, now: datetime) -> list[Due]:
        """One case that makes the program stumble must not keep all others' reminders: it is looked at again later."""
        try:
            with conn.begin_nested():
                return self._tick_one(conn, directory, case, now)
        except (DBAPIError, Unavailable):
            raise  # the database's trouble, not the case's
        except Exception:
            log.exception("case stumbles", extra={"action": "tick_case_failed", "case": case.id})
            cases.touch(conn, case.id, {"next_tick_at": now + STUMBLED})
            return []

    def _tick_one(self, conn: Connection, directory: Directory, case: CaseRow, now: datetime) -> list[Due]:
        notices = Desk(conn, now, directory, self._clocks()).tick(case.id)
        fresh = cases.get(conn, case.id) or case
        reminders = [notice for notice in notices if notice.kind in REMINDERS]
        self._teller.tell(conn, directory, fresh, [n for n in notices if n not in reminders], now)
        return self._due(conn, directory, fresh, reminders, now)

    def _due(
        self, conn: Connection, directory: Directory, case: CaseRow, notices: Iterable[Notice], now: datetime
    ) -> list[Due]:
        voice, found = self._teller.voices.of(directory), []
        for notice in notices:
            text = voice.notice(self._worded(notice), case, now)
            if text is None:
                continue
            targets = self._teller.finder.targets(conn, directory, notice, case, now)
            found += [Due(target, case, text, notice.kind, notice.kind in CALLS) for target in targets]
        return found

    def _worded(self, notice: Notice) -> Notice:
        """Who has the case hears it in other words than the level above; the list of phones ends with the town's."""
        if notice.kind == Kind.PHONES:
            known = notice.data.get("phones", [])
            listed = [*known, *self._teller.voices.phones] if isinstance(known, list) else [*self._teller.voices.phones]
            return replace(notice, data={**notice.data, "phones": listed})
        mine = notice.audience is Audience.LEVEL and notice.data.get("level") == 0
        return replace(notice, audience=Audience.STAFF) if mine else notice

    def _send(self, conn: Connection, due: list[Due], now: datetime) -> None:
        """One message per recipient and tick; a call for help is never kept waiting by the others."""
        groups: dict[tuple[int, bool], list[Due]] = {}
        for item in due:
            groups.setdefault((item.target.chat.id, item.urgent), []).append(item)
        for (_, urgent), items in groups.items():
            self._one(conn, items, now, urgent=urgent)

    def _one(self, conn: Connection, items: list[Due], now: datetime, *, urgent: bool) -> None:
        target = items[0].target
        shown = tuple(dict.fromkeys(item.case.id for item in items))
        draft = Draft(
            view="reminder",
            items=tuple((item.case.id, item.case.generation, item.text) for item in items),
            menu=shown if target.person_id is not None else (),
            link="reminder",
        )
        single = items[0].case if len(shown) == 1 else None
        row = self._teller.post(
            conn,
            target.chat,
            items[0].kind if single else "reminder",
            draft,
            now,
            case=single,
            priority=Priority.EMERGENCY if urgent else Priority.REMINDER,
        )
        if row is not None and target.person_id is not None:
            menus.put_menu(
                conn,
                chat_id=target.chat.id,
                person_id=target.person_id,
                items=shown,
                outbox_id=row,
                shown_at=now,
            )

    # -- the list of perhapses

    def lists(self, conn: Connection, directory: Directory, now: datetime) -> int:
        """At the list times: to whoever is on duty, what is only perhaps a case. A second tick sends nothing twice."""
        slot = self._slot(now)
        if slot is None:
            return 0
        perhaps = cases.perhapses(conn)
        before = self._slot_before(now)
        sent = 0
        for person, mine in self._by_person(directory, perhaps, now).items():
            if all(case.reported_at < before for case in mine):
                continue  # nothing he has not been shown
            target = self._teller.finder.private(conn, person, now)
            if target is not None:
                sent += self._list(conn, directory, target, mine, now, f"list:{person}:{slot}")
        return sent

    def _slot(self, now: datetime) -> str | None:
        """The latest list time of this working day that has passed, for half an hour."""
        local = now.astimezone(self._teller.voices.zone)
        if not self._clocks().calendar.is_working_day(local.date()):
            return None
        for moment in sorted(self._times, reverse=True):
            at = local.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
            if at <= local < at + timedelta(minutes=30):
                return at.strftime("%Y%m%d%H%M")
        return None

    def _slot_before(self, now: datetime) -> datetime:
        """The list time before the present one."""
        local, calendar = now.astimezone(self._teller.voices.zone), self._clocks().calendar
        days = (local.date() - timedelta(days=back) for back in range(BACK))
        moments = [
            datetime.combine(day, moment, local.tzinfo)
            for day in days
            if calendar.is_working_day(day)
            for moment in sorted(self._times, reverse=True)
        ]
        passed = [moment for moment in moments if moment <= local]
        return passed[1] if len(passed) > 1 else now - PERHAPS_DAYS

    @staticmethod
    def _by_person(directory: Directory, perhaps: list[CaseRow], now: datetime) -> dict[int, list[CaseRow]]:
        found: dict[int, list[CaseRow]] = {}
        for case in sorted(perhaps, key=lambda row: row.id):
            for person in on_duty(directory, case.area_id, now):
                found.setdefault(person, []).append(case)
        return found

    def _list(
        self, conn: Connection, directory: Directory, target: Target, mine: list[CaseRow], now: datetime, key: str
    ) -> int:
        listed = lists.digest(mine, self._teller.voices.of(directory), now)
        draft = Draft(view="text", text=listed.text, menu=listed.items, link="")
        row = self._teller.post(conn, target.chat, "list", draft, now, dedupe=key, priority=Priority.DIGEST)
        if row is None or target.person_id is None:
            return 0
        menus.put_menu(
            conn,
            chat_id=target.chat.id,
            person_id=target.person_id,
            items=listed.items,
            outbox_id=row,
            shown_at=now,
        )
        return 1

    def forget(self, conn: Connection, now: datetime) -> int:
        """A perhaps nobody took up in a week was none: its words go."""
        old = [case for case in cases.perhapses(conn) if case.reported_at < now - PERHAPS_DAYS]
        for case in old:
            cases.forget(conn, case)
        return len(old)
