"""The reminder log: any number of processes may tick, one of them gets to remind (rule 10)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.dialects import PerDialect
from storage.schema import reminder_log

_LOG = PerDialect(
    lambda insert: insert(reminder_log).on_conflict_do_nothing(index_elements=["case_id", "kind", "slot"])
)


def log(conn: Connection, case_id: int, kind: str, slot: str, at: datetime) -> bool:
    """True: this transaction is the one that reminds. `slot` is "<generation>.<n>"."""
    values: dict[str, Any] = {"case_id": case_id, "kind": kind, "slot": slot, "at": at}
    return bool(conn.execute(_LOG.on(conn), values).rowcount == 1)


def told(conn: Connection, case_ids: Collection[int]) -> dict[int, set[str]]:
    """The slots that have been given, of each of these cases."""
    found: dict[int, set[str]] = {case_id: set() for case_id in case_ids}
    wanted = select(reminder_log.c.case_id, reminder_log.c.slot).where(reminder_log.c.case_id.in_(case_ids))
    for row in conn.execute(wanted):
        found[row.case_id].add(row.slot)
    return found


def slots(conn: Connection, case_id: int) -> list[tuple[str, str, datetime]]:
    """(kind, slot, moment) of the reminders a case has had, in their order."""
    columns = (reminder_log.c.kind, reminder_log.c.slot, reminder_log.c.at)
    rows = conn.execute(select(*columns).where(reminder_log.c.case_id == case_id).order_by(reminder_log.c.id))
    return [(row.kind, row.slot, row.at) for row in rows]
