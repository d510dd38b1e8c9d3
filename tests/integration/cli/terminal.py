"""The command on a pseudo-terminal, as a person sits before it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.integration.cli.command import environment

_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
# It takes the terminal for its own first: otherwise Ctrl-C would reach nobody.
_START = """
import fcntl, sys, termios
from bot.__main__ import main
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.exit(main())
"""
PATIENCE = 20.0  # seconds on a busy machine


class Terminal:
    """`handle`: what the person types into; `seen`: what stood on the screen since the last answer."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.handle, other = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, *arguments],
            cwd=folder,
            env=environment(COLUMNS="200", TERM="xterm"),
            stdin=other,
            stdout=other,
            stderr=other,
            start_new_session=True,
        )
        os.close(other)
        self.seen = ""

    def wait_for(self, question: str) -> str:
        """What was shown until the question stood there."""
        until = time.monotonic() + PATIENCE
        while not self.seen.endswith(question):
            assert time.monotonic() < until, f"{question!r} was not asked: {self.seen!r}"
            self._read(0.1)
        return self.seen

    def answer(self, question: str, text: str) -> str:
        """Wait for the question and type the answer; what was shown before."""
        before = self.wait_for(question)
        self.seen = ""
        os.write(self.handle, f"{text}\n".encode())
        return before

    def end(self) -> tuple[int, str]:
        """Its exit status, and what it said last."""
        until = time.monotonic() + PATIENCE
        while self._read(0.1):
            assert time.monotonic() < until, self.seen
        return self._process.wait(timeout=PATIENCE), self.seen

    def _read(self, patience: float) -> bool:
        """False when nobody is at the other end any more."""
        if not select.select([self.handle], [], [], patience)[0]:
            return True
        try:
            data = os.read(self.handle, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.seen = _STYLE.sub("", self.seen + data.decode(errors="replace"))
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self.handle)
