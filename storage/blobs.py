"""Photos by the hash of their bytes: the same photo twice is stored once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, String, cast, delete, exists, or_, select, update

from storage.dialects import PerDialect
from storage.records import BlobRow
from storage.rows import Shape
from storage.schema import blob, case

_TOGETHER = 500  # in one statement
_ROW = Shape(BlobRow, blob)
_PUT = PerDialect(lambda insert: insert(blob).on_conflict_do_nothing(index_elements=["hash"]))


def put(
    conn: Connection,
    *,
    hash: str,  # noqa: A002 - the column's name
    mime: str,
    width: int,
    height: int,
    data: bytes,
    now: datetime | None = None,
) -> None:
    """`hash` is the sha-256 of `data` in hexadecimal. `now` (default: the clock) only tells a photo's age."""
    values: dict[str, Any] = {"hash": hash, "mime": mime, "width": width, "height": height, "data": data}
    conn.execute(_PUT.on(conn), {**values, "created_at": now or datetime.now(UTC)})


def get(conn: Connection, hash: str) -> BlobRow | None:  # noqa: A002 - the column's name
    return _ROW.first(conn, select(*_ROW.columns).where(blob.c.hash == hash))


def known(conn: Connection, hashes: Sequence[str]) -> set[str]:
    """Which of them are stored."""
    return set(conn.execute(select(blob.c.hash).where(blob.c.hash.in_(hashes))).scalars())


def use(conn: Connection, hashes: Sequence[str]) -> None:
    """They belong to a case now and stay."""
    if hashes:
        conn.execute(update(blob).where(blob.c.hash.in_(hashes)).values(used=True))


def release(conn: Connection, hashes: Sequence[str]) -> None:
    """A case gives them up; what another one holds as well stays."""
    for hash_ in hashes:
        held = or_(*(cast(column, String).contains(f'"{hash_}"') for column in (case.c.photos, case.c.result_photos)))
        if not conn.execute(select(exists().where(held))).scalar_one():
            conn.execute(update(blob).where(blob.c.hash == hash_).values(used=False))


def prune(conn: Connection, before: datetime, keep: Collection[str] = ()) -> int:
    """Delete photos older than that which belong to no case: small talk that came beside a report.

    `keep`: those a message names that nobody has dealt with yet.
    """
    loose = conn.execute(select(blob.c.hash).where(~blob.c.used, blob.c.created_at < before)).scalars()
    gone = [hash_ for hash_ in loose if hash_ not in keep]
    for start in range(0, len(gone), _TOGETHER):
        conn.execute(delete(blob).where(blob.c.hash.in_(gone[start : start + _TOGETHER])))
    return len(gone)
