"""Dates on the command line, and moments as they are told there."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from zoneinfo import ZoneInfo


def day(text: str) -> date:
    """A date as people write it in a configuration; a year that is a slip of the pen is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if len(text) != len("2027-02-07") or not 2000 <= found.year < 2100:
        raise argparse.ArgumentTypeError(f"日期要写成 2027-02-07 这样，现在是 {text}")
    return found


def told(at: datetime, zone: ZoneInfo) -> str:
    """In the city's time."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
