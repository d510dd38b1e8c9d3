"""What the groups of acts share."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.cases.clocks import Clocks
from bot.cases.desk.bench import Act, Bench
from bot.cases.directory import Directory
from bot.cases.states import Action


def iso(moment: datetime | None) -> str:
    """For a notice; empty where there is none."""
    return moment.isoformat() if moment else ""


class Base:
    """Cheap to make: one per inbox row."""

    def __init__(self, conn: Connection, now: datetime, directory: Directory, clocks: Clocks) -> None:
        self.conn = conn
        self.now = now
        self.directory = directory
        self.clocks = clocks
        self.bench = Bench(conn, now, directory, clocks)

    def moment(self, at: datetime | None) -> datetime:
        """When it truly happened; never later than now."""
        return min(at, self.now) if at else self.now

    def _go_on(self, case_id: int, by: int | None, action: Action, version: int | None = None) -> Act:
        """A clock that stood still goes on."""
        return Act(
            action=action, case_id=case_id, by=by, version=version,
            edit=lambda case, _: self.clocks.resume(case, self.now),
            say=lambda _, case: {"until": iso(case.due_at)},
        )  # fmt: skip
