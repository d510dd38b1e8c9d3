"""Due rows become outbox rows, and nothing else: what a tick does (architecture.md, rule 10)."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy import Connection

from bot.cases.clocks import Clocks
from bot.cases.desk import Desk
from bot.cases.directory import Directory
from bot.cases.duty import responsible
from bot.cases.notices import REMINDERS, Kind
from bot.flow import stumble
from bot.flow.audience import Target
from bot.flow.draft import Draft, Item
from bot.flow.split import split
from bot.flow.tell import Teller
from bot.model import Audience, Notice, Priority
from bot.talk import lists
from bot.talk.lists import Listed
from storage import cases
from storage.faults import unavailable
from storage.records import CaseRow

log = logging.getLogger(__name__)
BATCH = 200
STUMBLED = timedelta(hours=1)
BACK = 30  # days; no row of holidays is as long
LONG_AGO = timedelta(days=7)  # where no list has gone out yet
CALLS = frozenset({Kind.ROUND.value, Kind.PHONES.value})


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder on its way to one recipient. `call`: it calls for help."""

    target: Target
    case: CaseRow
    item: Item
    call: bool


@dataclass(frozen=True, slots=True)
class Ticked:
    """`looked_at`: cases. `reminded`: of how many cases somebody is told, by kind; `stumbled`: put off, see the log."""

    looked_at: int
    reminded: Counter[str]
    stumbled: int = 0


class Reminding:
    """`list_times`: local times at which the list of perhapses goes out."""

    def __init__(self, teller: Teller, clocks: Callable[[], Clocks], list_times: tuple[time, ...]) -> None:
        self._teller, self._clocks, self._times = teller, clocks, list_times

    def tick(self, conn: Connection, directory: Directory, now: datetime) -> Ticked:
        """Everything that is due, gathered into one message per recipient; each case alone where that fails."""
        found = cases.due(conn, now, BATCH)
        due = self._tried(conn, directory, found, now)
        if due is None:
            return self._apart(conn, directory, found, now)
        return Ticked(len(found), _kinds(due))

    def _apart(self, conn: Connection, directory: Directory, found: Sequence[int], now: datetime) -> Ticked:
        """One case that makes the program stumble must not keep all others' reminders: it is looked at again later."""
        due: list[Due] = []
        stumbled = 0
        for case_id in found:
            own = self._tried(conn, directory, [case_id], now)
            if own is None:
                cases.touch(conn, case_id, {"next_tick_at": now + STUMBLED})
                stumbled += 1
            due += own or []
        return Ticked(len(found), _kinds(due), stumbled)

    def _tried(self, conn: Connection, directory: Directory, found: Sequence[int], now: datetime) -> list[Due] | None:
        """What these cases and their messages came to; None: nothing of it stands. The database's trouble is raised."""
        try:
            with conn.begin_nested():
                due = [one for case_id in found for one in self._tick_one(conn, directory, case_id, now)]
                self._send(conn, due, now)
        except Exception as error:
            if unavailable(error) is not None:
                raise
            about = {"action": "tick_case_failed", "cases": list(found)}
            log.exception("cases stumble", exc_info=stumble.told(error), extra=about)
            return None
        return due

    def _tick_one(self, conn: Connection, directory: Directory, case_id: int, now: datetime) -> list[Due]:
        notices = Desk(conn, now, directory, self._clocks()).tick(case_id)
        fresh = cases.get(conn, case_id)
        if fresh is None:
            return []
        reminders = [notice for notice in notices if notice.kind in REMINDERS]
        self._teller.tell(conn, directory, fresh, [n for n in notices if n not in reminders], now)
        return self._due(conn, directory, fresh, reminders, now)

    def _due(
        self, conn: Connection, directory: Directory, case: CaseRow, notices: Iterable[Notice], now: datetime
    ) -> list[Due]:
        voice, found = self._teller.voices.of(directory), []
        for notice in notices:
            worded = self._worded(notice)
            if voice.notice(worded, case, now) is None:
                continue
            item, targets = _item(worded, case), self._teller.finder.targets(conn, directory, notice, case, now)
            found += [Due(target, case, item, notice.kind in CALLS) for target in targets]
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
        groups: dict[tuple[int, bool], dict[int, Due]] = {}
        for one in due:
            groups.setdefault((one.target.chat.id, one.call), {}).setdefault(one.case.id, one)
        for (_, call), by_case in groups.items():
            self._one(conn, list(by_case.values()), now, call=call)

    def _one(self, conn: Connection, items: list[Due], now: datetime, *, call: bool) -> None:
        target, shown = items[0].target, tuple(one.case.id for one in items)
        draft = Draft(
            view="reminder",
            items=tuple(one.item for one in items),
            menu=shown if target.person_id is not None else (),
            menu_for=target.person_id,
            link="reminder",
        )
        single = items[0].case if len(shown) == 1 else None
        self._teller.post(
            conn,
            target.chat,
            items[0].item.kind if single else "reminder",
            draft,
            now,
            case=single,
            priority=Priority.EMERGENCY if call else Priority.REMINDER,
            urgent=any(one.case.urgency != "normal" for one in items),
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
        for person, mine in self._by_person(conn, directory, perhaps, now).items():
            if any(case.reported_at >= before for case in mine):  # else nothing he has not been shown
                sent += self._list_to(conn, directory, person, mine, now, slot)
        return sent

    def _list_to(
        self, conn: Connection, directory: Directory, person: int, mine: list[CaseRow], now: datetime, slot: str
    ) -> int:
        """A list that cannot be made costs no other its own; the next tick of this list time tries it again."""
        try:
            with conn.begin_nested():
                target = self._teller.finder.private(conn, person, now)
                if target is None:
                    return 0
                return self._list(conn, directory, target, mine, now, f"list:{person}:{slot}")
        except Exception as error:
            if unavailable(error) is not None:
                raise
            about = {"action": "list_failed", "person": person}
            log.exception("list stumbles", exc_info=stumble.told(error), extra=about)
            return 0

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
        return passed[1] if len(passed) > 1 else now - LONG_AGO

    def _by_person(
        self, conn: Connection, directory: Directory, perhaps: list[CaseRow], now: datetime
    ) -> dict[int, list[CaseRow]]:
        found: dict[int, list[CaseRow]] = {}
        for case in perhaps:
            for person in responsible(directory, case, now, self._teller.finder.areas(conn, case)):
                found.setdefault(person, []).append(case)
        return found

    def _list(
        self, conn: Connection, directory: Directory, target: Target, mine: list[CaseRow], now: datetime, key: str
    ) -> int:
        listed = self._fitting(directory, target, mine, now)
        draft = Draft(view="list", menu=listed.items, menu_for=target.person_id, more=len(mine) - len(listed.items))
        row = self._teller.post(conn, target.chat, "list", draft, now, dedupe=key, priority=Priority.DIGEST)
        return int(row is not None and target.person_id is not None)

    def _fitting(self, directory: Directory, target: Target, mine: list[CaseRow], now: datetime) -> Listed:
        """As many as one message of this platform holds; what is left comes when these are settled."""
        voice, can = self._teller.voices.of(directory), self._teller.capabilities(target.chat)
        for count in range(len(mine), 1, -1):
            listed = lists.digest(mine[:count], voice, now, more=len(mine) - count)
            if len(split(listed.text, can)) == 1:
                return listed
        return lists.digest(mine[:1], voice, now, more=len(mine) - 1)


def _kinds(due: Iterable[Due]) -> Counter[str]:
    """Of how many cases, by kind of reminder."""
    return Counter(kind for _, kind in {(one.case.id, one.item.kind) for one in due})


def _item(notice: Notice, case: CaseRow) -> Item:
    """The reminder as the outbox keeps it: everything of its notice but whom it went to."""
    data = {name: value for name, value in notice.data.items() if name not in ("persons", "areas")}
    slot = notice.data.get("n")
    return Item(
        case=case.id,
        generation=case.generation,
        n=slot if isinstance(slot, int) else case.reminders - 1,
        kind=notice.kind,
        audience=notice.audience.value,
        data=data,
    )
