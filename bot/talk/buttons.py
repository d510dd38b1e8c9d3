"""What a button carries: `action:case:version[:argument]`, at most 64 bytes (the narrowest platform's limit)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bot.talk.verbs import Verb

MAX_BYTES: Final = 64
_DATA: Final = re.compile(r"([a-z_]{1,16}):([0-9]{1,12}):([0-9]{1,9})(?::([^\s:][^\n]*))?", re.ASCII)
_ACTIONS: Final = frozenset(verb.value for verb in Verb)


@dataclass(frozen=True, slots=True)
class Press:
    """`version` is the case's version the button was made for; `arg` is a grade, a category's code, pass or fail."""

    action: Verb
    case_id: int
    version: int
    arg: str = ""


def button_data(action: Verb, case_id: int, version: int, arg: str = "") -> str:
    """Raises ValueError for what `parse_button` could not read back or a platform would cut."""
    data = f"{action}:{case_id}:{version}" + (f":{arg}" if arg else "")
    if len(data.encode()) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES} bytes of button data: {data}")
    if parse_button(data) != Press(action, case_id, version, arg):
        raise ValueError(f"button data that cannot be read back: {data!r}")
    return data


def parse_button(data: str) -> Press | None:
    """None for anything this program did not make: a stranger may send any string."""
    found = _DATA.fullmatch(data)
    if found is None or len(data.encode(errors="replace")) > MAX_BYTES:
        return None
    action, case_id, version, arg = found.groups()
    if action not in _ACTIONS:
        return None
    return Press(Verb(action), int(case_id), int(version), arg or "")
