"""bot.cli.loop: the first signal asks, the second leaves at once, and neither shows a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.integration.cli.command import environment

PROGRAM = """
import asyncio, sys
from bot.cli.loop import serve

async def main(stop):
    print("up", type(asyncio.get_running_loop()).__module__, flush=True)
    if "--ends" in sys.argv:
        return
    await stop.wait()
    print("finishing", flush=True)
    await asyncio.sleep(60 if "--slow" in sys.argv else 0.05)
    print("finished", flush=True)

sys.exit(serve(main))
"""


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("up")
        yield process
        process.kill()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_first_signal_lets_it_finish(number: signal.Signals, status: int) -> None:
    with program() as process:
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, "finishing\nfinished\n", "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_second_signal_leaves_at_once(number: signal.Signals, status: int) -> None:
    with program("--slow") as process:
        process.send_signal(number)
        assert process.stdout
        assert process.stdout.readline() == "finishing\n"
        started = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (status, "", "")
    assert time.monotonic() - started < 10


def test_its_own_end_is_success() -> None:
    with program("--ends") as process:
        assert process.communicate(timeout=20)[1] == ""
    assert process.returncode == 0


def test_uvloop_is_used_where_it_is_installed() -> None:
    pytest.importorskip("uvloop")
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "--ends"], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.communicate(timeout=20)[0] == "up uvloop\n"
