"""Grades: one per closing of a case and person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from storage.dialects import PerDialect
from storage.records import RatingRow
from storage.rows import Shape
from storage.schema import rating

_ROW = Shape(RatingRow, rating)
_RATE = PerDialect(
    lambda insert: insert(rating).on_conflict_do_nothing(index_elements=["case_id", "closing", "person_id"])
)


def rate(conn: Connection, *, case_id: int, closing: int, person_id: int, grade: int, at: datetime) -> bool:
    """Grade 1 is the best. False: this person has graded this closing before, and the first grade stands."""
    values: dict[str, Any] = {"case_id": case_id, "closing": closing, "person_id": person_id, "grade": grade, "at": at}
    return bool(conn.execute(_RATE.on(conn), values).rowcount == 1)


def remove(conn: Connection, *, case_id: int, closing: int, person_id: int) -> bool:
    """For an undo. False: there was none."""
    own = (rating.c.case_id == case_id, rating.c.closing == closing, rating.c.person_id == person_id)
    return conn.execute(delete(rating).where(*own)).rowcount == 1


def of_case(conn: Connection, case_id: int) -> list[RatingRow]:
    return _ROW.all(conn, select(*_ROW.columns).where(rating.c.case_id == case_id).order_by(rating.c.id))
