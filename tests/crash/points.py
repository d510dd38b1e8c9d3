"""Named points between two statements, where a process may be made to die. Nothing of it is in the program itself.

What outlives a SIGKILL changes at two places only: in the database, where a statement writes or a transaction commits,
and on the platform, where a request leaves. Every point lies just before one of these, so that together they cover
every state a death can leave behind. SQLAlchemy asks nobody where nobody listens: off, the hook costs nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

_PLUMBING = ("storage.rows", "storage.writer", "storage.postgres", "storage.sqlite", "storage.dialects",
             "storage.engine", "storage.rehearsal", "storage.faults")  # fmt: skip
_LAST = "gridbridge.crash.last"
_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


@dataclass
class Points:
    """`die`: the name of a point and how often it is passed before it kills. `note`: a file that takes new names."""

    die: tuple[str, int] | None = None
    note: Path | None = None
    _passed: Counter[str] = field(default_factory=Counter)

    def watch(self) -> None:
        """Listen to every engine of this process."""
        if self.die is None and self.note is None:
            return
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def reached(self, name: str) -> None:
        if self.die is not None and name == self.die[0]:
            self._passed[name] += 1
            if self._passed[name] >= self.die[1]:
                os.kill(os.getpid(), signal.SIGKILL)
        if self.note is not None and not self._passed[name]:
            self._passed[name] += 1
            with self.note.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")

    def _statement(self, conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(_WRITES) and (where := _where()):
            conn.info[_LAST] = where  # the work itself is over when its transaction commits
            self.reached(f"{where} {statement.split(None, 1)[0].lower()}")

    def _commit(self, conn: Any) -> None:
        if where := conn.info.pop(_LAST, ""):
            self.reached(f"{where} commit")


def _where() -> str:
    """Whose work it is and which statement: "flow.dispatch > inbox.finish"; empty for what is not the program's."""
    modules = list(_modules())
    statement = next((f"{name.removeprefix('storage.')}.{function}" for name, function in modules
                      if name.startswith("storage.") and not name.startswith(_PLUMBING)), "")  # fmt: skip
    work = next((name.removeprefix("bot.") for name, _ in reversed(modules) if name.startswith("bot.")), "")
    return f"{work} > {statement}" if work or statement else ""


def _modules() -> Iterator[tuple[str, str]]:
    """Module and function of every frame, the innermost first."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        yield frame.f_globals.get("__name__", ""), frame.f_code.co_name
        frame = frame.f_back
