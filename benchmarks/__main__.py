"""`python -m benchmarks [--quick] [--only gate,classifier]`: one table, each figure a median of several runs."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from time import perf_counter

from benchmarks.scale import FULL, QUICK, Scale
from benchmarks.table import Line, show

SUBJECTS = ("gate", "framework", "classifier", "sqlite", "postgres", "latency", "due", "scrape", "sheets", "memory")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="less of everything: a look, not a measurement")
    parser.add_argument("--only", default=",".join(SUBJECTS), metavar="SUBJECTS", help=f"of {', '.join(SUBJECTS)}")
    chosen = parser.parse_args(arguments)
    wanted = chosen.only.split(",")
    if unknown := set(wanted) - set(SUBJECTS):
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    logging.basicConfig(level=logging.WARNING)
    show([line for subject in SUBJECTS if subject in wanted for line in measure(subject, chosen.quick)])
    return 0


def measure(subject: str, quick: bool) -> list[Line]:  # noqa: FBT001 - the flag of the command line
    """The lines of one subject; what it needs and is not installed becomes a line too."""
    scale: Scale = QUICK if quick else FULL
    start = perf_counter()
    try:
        lines: list[Line] = importlib.import_module(f"benchmarks.{subject}").run(scale)
    except ModuleNotFoundError as missing:
        return [Line(subject, f"not measured: {missing.name} is not installed")]
    print(f"{subject}: {perf_counter() - start:.0f} s", file=sys.stderr)
    return lines


if __name__ == "__main__":
    sys.exit(main())
