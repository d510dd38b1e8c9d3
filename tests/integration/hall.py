"""The made-up town in a real database, and a short way to the desk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.cases.desk import Desk, Report
from bot.cases.directory import Directory
from bot.cases.outcome import Done, Outcome
from bot.cases.roles import Role
from storage import cases, directory, links, outbox, schema
from storage.engine import Database
from storage.records import CaseRow, DirectoryRows, EventRow, NewPost
from tests.unit.cases import town
from tests.unit.cases.town import CLOCKS, NOW, ROWS

T = TypeVar("T")
LAMP = Report(
    source="group", category="facility.streetlight", text="3号楼前的灯不亮了", place="3号楼", matched="灯、不亮",
    chat_areas=(town.EAST_1,), reporter_id=town.RESIDENT, reporter_name="住户甲",
)  # fmt: skip


def seed(conn: Connection, rows: DirectoryRows = ROWS) -> None:
    """Rows with the ids of the made-up town."""
    residents = ((town.RESIDENT, "住户甲"), (town.NEIGHBOUR, "住户乙"))
    people = [(p.id, p.name, p.phone) for p in rows.persons] + [(ident, name, "") for ident, name in residents]
    _fill(
        conn,
        schema.area,
        [{k: getattr(a, k) for k in ("id", "code", "name", "level", "parent_id")} for a in rows.areas],
    )
    _fill(
        conn,
        schema.area_alias,
        [{"area_id": a.area_id, "alias": a.alias, "stands_for": a.stands_for} for a in rows.aliases],
    )
    _fill(
        conn, schema.person, [{"id": i, "name": n, "phone": p, "active": True, "created_at": NOW} for i, n, p in people]
    )
    _fill(
        conn,
        schema.chat,
        [{"id": c.id, "kind": c.kind, "mode": c.mode, "title": c.title, "created_at": NOW} for c in rows.chats],
    )
    _fill(
        conn,
        schema.chat_address,
        [{"account": c.account, "native_id": c.native_id, "chat_id": c.id} for c in rows.chats],
    )
    _fill(conn, schema.chat_area, [{"chat_id": c.id, "area_id": area} for c in rows.chats for area in c.areas])
    names = ("id", "code", "name", "area_id", "chat_id", "is_default")
    _fill(conn, schema.unit, [{name: getattr(unit, name) for name in names} for unit in rows.units])
    granted = ("person_id", "role", "area_id", "unit_id")
    _fill(conn, schema.role, [{name: getattr(role, name) for name in granted} for role in rows.roles])


def _fill(conn: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    conn.execute(sa.insert(table), rows)


class Hall:
    """The town's desk at a moment that tests move forward."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.now = NOW

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def at_desk(self, work: Callable[[Desk], T], now: datetime | None = None) -> T:
        """One transaction with a desk of this moment."""
        moment = now or self.now
        return await self.db.run(lambda conn: work(Desk(conn, moment, Directory.of(directory.load(conn)), CLOCKS)))

    async def do(self, work: Callable[[Desk], Outcome]) -> Done:
        """An act that must succeed."""
        outcome = await self.at_desk(work)
        assert isinstance(outcome, Done), outcome
        return outcome

    async def lamp(self, **changes: Any) -> CaseRow:
        """A reported street light; `state` walks it on."""
        state = changes.pop("state", "reported")
        case = (await self.do(lambda desk: desk.report(replace(LAMP, **changes)))).case
        await self._said(case)
        return await self._walk(case, state)

    async def _said(self, case: CaseRow) -> None:
        await self.db.run(lambda conn: links.add(
            conn, case_id=case.id, chat_id=town.GROUP, message_id=f"m{case.id}", role="report",
            person_id=case.reporter_id, said_at=self.now,
        ))  # fmt: skip

    async def _walk(self, case: CaseRow, state: str) -> CaseRow:
        number = case.id
        steps: dict[str, list[Callable[[Desk], Outcome]]] = {
            "reported": [],
            "accepted": [lambda desk: desk.accept(town.WANG, number)],
            "dispatched": [lambda desk: desk.accept(town.WANG, number), lambda desk: desk.dispatch(town.WANG, number, town.POWER)],
            "closed": [lambda desk: desk.close(town.WANG, number, text="换了灯泡")],
        }  # fmt: skip
        steps["resolved"] = [*steps["dispatched"], lambda desk: desk.resolve(town.ELECTRICIAN, number, text="换了灯泡")]
        for step in steps[state]:
            case = (await self.do(step)).case
        return case

    async def case(self, number: int) -> CaseRow:
        found = await self.db.run(lambda conn: cases.get(conn, number))
        assert found is not None
        return found

    async def events(self, number: int) -> list[EventRow]:
        return await self.db.run(lambda conn: cases.events(conn, number))

    async def actions(self, number: int) -> list[str]:
        return [event.action for event in await self.events(number)]

    async def post(self, case: CaseRow, event: EventRow, kind: str) -> int:
        """A pending outbox row, as the teller would write it."""
        new = NewPost(
            lane=f"x:{kind}", account="webchat:main", kind=kind, priority=2, body={}, due_at=self.now, case_id=case.id,
            event_id=event.id, chat_id=town.GROUP,
        )  # fmt: skip
        (row,) = await self.db.run(lambda conn: outbox.put(conn, [new], self.now))
        assert row is not None
        return row

    async def sent(self, row: int, state: str = "sent") -> None:
        """The row has left, or may have."""
        left = sa.update(schema.outbox).where(schema.outbox.c.id == row).values(state=state, done_at=self.now)
        await self.db.run(lambda conn: conn.execute(left))

    async def post_state(self, row: int) -> str:
        chosen = sa.select(schema.outbox.c.state).where(schema.outbox.c.id == row)
        state: str = await self.db.run(lambda conn: conn.execute(chosen).scalar_one())
        return state


def told(outcome: Done) -> set[tuple[str, str]]:
    return {(notice.audience.value, notice.kind) for notice in outcome.notices}


__all__ = ["LAMP", "Hall", "Role", "seed", "told"]
