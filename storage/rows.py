"""From a result row to a record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, Connection, Executable, Row, Table

T = TypeVar("T")


class Shape(Generic[T]):
    """The columns of a table that make up a record, in the order of the record's fields.

    Columns named in `tuples` hold JSON lists and become tuples, so that the record stays immutable.
    """

    def __init__(self, record: type[T], table: Table, *, tuples: Iterable[str] = ()) -> None:
        self.record = record
        self.names = tuple(field.name for field in fields(record))  # type: ignore[arg-type]
        self.columns: Sequence[Column[Any]] = [table.c[name] for name in self.names]
        self._tuples = tuple(tuples)

    def make(self, row: Row[Any]) -> T:
        values = dict(zip(self.names, row, strict=True))
        for name in self._tuples:
            values[name] = tuple(values[name])
        return self.record(**values)

    def all(self, conn: Connection, statement: Executable, params: Any = None) -> list[T]:
        return [self.make(row) for row in conn.execute(statement, params)]

    def first(self, conn: Connection, statement: Executable, params: Any = None) -> T | None:
        row = conn.execute(statement, params).first()
        return None if row is None else self.make(row)
