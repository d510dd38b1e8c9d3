"""At which line of a rule file a key stands: tomllib tells only of syntax errors where they are."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from typing import Final

_HEADER: Final = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_PLACE: Final = re.compile(r"^\[(.*)\]\s*(.*)$")
_SYNTAX: Final = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


def line_of_syntax(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Return the line, from 1, that tomllib names; the last one where the end of the file is at fault."""
    told = _SYNTAX.search(str(error))
    return int(told[1]) if told and told[1] else max(1, len(text.splitlines()))


def line_of(text: str, where: str) -> int | None:
    """Return the line, from 1, of `where` as RuleError has it: `[facility.streetlight.pairs[2]] weight`.

    Where the key is not written the line of its table, and None where not even that can be found.
    """
    told = _PLACE.match(where)
    if told is None:
        return None
    path, key = told[1].replace(" ", ""), told[2].split("、")[0]
    lines = text.splitlines()
    tables = _tables(lines)
    for name in (path, *_shorter(path)):
        if name in tables:
            start = tables[name]
            return _key_line(lines, start, f"{path[len(name) + 1 :]}.{key}".lstrip(".")) or start
    return _key_line(lines, 0, key)


def _tables(lines: list[str]) -> dict[str, int]:
    """Return table name -> line of its heading; tables of a list are numbered as in messages (pairs[2])."""
    found: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for number, line in enumerate(lines, 1):
        heading = _HEADER.match(line)
        if heading:
            name = heading[2].replace('"', "").replace(" ", "")
            seen[name] += 1
            found.setdefault(f"{name}[{seen[name]}]" if heading[1] == "[[" else name, number)
    return found


def _shorter(path: str) -> list[str]:
    """Return the tables around a table, the nearest first: keys may be written with dots."""
    parts = path.split(".")
    return [".".join(parts[:size]) for size in range(len(parts) - 1, 0, -1)]


def _key_line(lines: list[str], start: int, key: str) -> int | None:
    """Return the first line after `start`, within its table, that sets the key."""
    plain = key.replace('"', "")
    for number, line in enumerate(lines[start:], start + 1):
        if _HEADER.match(line):
            return None
        name = line.partition("=")[0].strip().replace('"', "")
        if plain and (name == plain or name.startswith(f"{plain}.") or plain.endswith(f".{name}")) and "=" in line:
            return number
    return None
