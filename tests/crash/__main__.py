"""`python -m tests.crash [--short] [--only WORDS]`: every fault tried, one table; ends with 1 if something is wrong."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.crash.experiments import BOTH, EXPERIMENTS, SQLITE, Experiment
from tests.crash.table import Row, line, markdown
from tests.databases import PostgresServer, migrate, postgres


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the form the tests run: a look, not a proof")
    parser.add_argument("--only", default="", metavar="WORDS", help="experiments whose name holds this")
    parser.add_argument("--database", choices=BOTH, help="on one kind of database only")
    chosen = parser.parse_args(arguments)
    wanted = [one for one in EXPERIMENTS if chosen.only in one.name]
    if not wanted:
        parser.error(f"no such experiment; there are: {'; '.join(one.name for one in EXPERIMENTS)}")
    kinds = (chosen.database,) if chosen.database else BOTH
    rows: list[Row] = []
    broken: list[str] = []
    print(markdown([]), flush=True)
    with postgres() as server:
        for one, kind in ((each, kind) for each in wanted for kind in each.databases if kind in kinds):
            try:
                rows.append(_run(one, kind, server, chosen.short))
            except Exception:  # noqa: BLE001 - the other faults are tried all the same
                broken.append(f"{one.name}, {kind}: {traceback.format_exc()}")
                print(broken[-1], file=sys.stderr, flush=True)
            else:
                print(line(rows[-1]), flush=True)
    broken += [f"{row.fault}, {row.database}: {fault}" for row in rows for fault in row.faults]
    print("\n".join(broken), file=sys.stderr)
    return int(bool(broken))


def _run(one: Experiment, kind: str, server: PostgresServer, short: bool) -> Row:
    began = time.monotonic()
    with _database(kind, server) as url:
        row = asyncio.run(one.run(url, short))
    print(f"{one.name}, {kind}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return row


@contextmanager
def _database(kind: str, server: PostgresServer) -> Iterator[str]:
    if kind != SQLITE:
        with server.migrated() as url:
            yield url
        return
    with tempfile.TemporaryDirectory(prefix="gbcrash") as folder:
        url = f"sqlite:///{Path(folder) / 'gridbridge.db'}"
        asyncio.run(migrate(url))
        yield url


if __name__ == "__main__":
    sys.exit(main())
