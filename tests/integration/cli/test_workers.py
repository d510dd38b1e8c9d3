"""Work in several processes: in order, never far ahead of who takes it, and nothing is left running."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from bot.cli.workers import AHEAD, CHUNK, Workers
from bot.errors import GridbridgeError
from tests.integration.cli.command import Run, environment

LAMP = "3号楼前的路灯不亮了"


def times(factor: int) -> Callable[[int], int]:
    """What each process of these tests does."""
    return lambda number: number * factor


def dies(at: int) -> Callable[[int], int]:
    """Ends its process without a word, as the kernel does when memory is short."""
    return lambda number: os._exit(9) if number == at else number


def test_results_come_in_the_order_of_the_items() -> None:
    items = range(CHUNK * 7 + 3)
    with Workers[int, int](2, times, 3) as workers:
        assert list(workers.map(items)) == [number * 3 for number in items]


def test_an_endless_input_is_taken_no_faster_than_it_is_worked_off() -> None:
    """Only so many items are ever held in memory; leaving early leaves no process behind."""
    taken = itertools.count()
    with pytest.raises(RuntimeError, match="enough"), Workers[int, int](2, times, 2) as workers:  # noqa: PT012
        assert list(itertools.islice(workers.map(iter(taken.__next__, -1)), 10)) == list(range(0, 20, 2))
        assert next(taken) <= CHUNK * (2 * AHEAD + 1)
        raise RuntimeError("enough")
    assert our_children(os.getpid()) == []


def test_a_process_that_dies_is_told_in_a_sentence() -> None:
    with pytest.raises(GridbridgeError, match="-j"), Workers[int, int](2, dies, 450) as workers:
        list(workers.map(range(CHUNK * 10)))


def large(size: int) -> Callable[[int], bytes]:
    """Takes a while to hand over."""
    return lambda _: bytes(size)


def test_what_ends_in_the_midst_of_an_answer_is_not_waited_for() -> None:
    """Half an answer stands in the pipe for ever: neither Ctrl-C nor the end of the program may wait for the rest."""
    before = set(threading.enumerate())
    with pytest.raises(RuntimeError, match="enough"), Workers[int, bytes](2, large, 2**18) as workers:  # noqa: PT012
        next(workers.map(range(CHUNK * 6)))
        raise RuntimeError("enough")
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(5)
    assert [thread for thread in left if thread.is_alive()] == []


def stumbles(at: int) -> Callable[[int], int]:
    return lambda number: 1 // (at - number)


def test_what_goes_wrong_in_a_process_goes_wrong_here() -> None:
    with pytest.raises(ZeroDivisionError), Workers[int, int](2, stumbles, 450) as workers:
        list(workers.map(range(CHUNK * 4)))


def our_children(pid: int) -> list[psutil.Process]:
    """Processes that work for it; the one that watches over names of resources ends with the last of them."""
    with suppress(psutil.NoSuchProcess):
        found = psutil.Process(pid).children(recursive=True)
        return [child for child in found if "spawn_main" in " ".join(command_of(child))]
    return []


def command_of(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
        return list(process.cmdline())
    return []


def test_ctrl_c_ends_all_processes_at_once(tmp_path: Path) -> None:
    """The terminal sends it to every one of them: only the first decides, and nobody writes a traceback."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "classify", "-", "--json", "-j", "2"],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # so that Ctrl-C can be sent to all of it, as a terminal does
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(f"{LAMP}\n".encode() * CHUNK * (2 * AHEAD + 1))
        process.stdin.flush()  # and left open: it waits for more
        assert json.loads(process.stdout.readline())["is_case"]
        children = our_children(process.pid)
        started = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(timeout=20) == 130
        took = time.monotonic() - started
        assert len(children) == 2
        assert psutil.wait_procs(children, timeout=5)[1] == []
        assert process.stderr.read() == b""
    assert took < 3  # one second where nothing else runs


WAITS = """
import itertools
from bot.cli.workers import Workers
from tests.integration.cli.test_workers import times
if __name__ == "__main__":
    with Workers(2, times, 2) as workers:
        print(next(workers.map(itertools.count())), flush=True)
        input()
"""


def test_the_processes_do_not_outlive_who_started_them(tmp_path: Path) -> None:
    """Killed without a chance to say goodbye."""
    (tmp_path / "waits.py").write_text(WAITS, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "waits.py"], cwd=tmp_path, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"0\n"
        children = our_children(process.pid)
        process.kill()
        process.wait(timeout=20)
        assert len(children) == 2
        assert psutil.wait_procs(children, timeout=10)[1] == []


def test_several_processes_say_what_one_says(quickly: Run, tmp_path: Path) -> None:
    rows = [{"id": f"m{number}", "text": f"{number}{LAMP}"} for number in range(CHUNK * 2 + 5)]
    (tmp_path / "many.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    alone, together = (quickly("classify", "many.jsonl", "--json", "-j", count) for count in ("1", "2"))
    assert (alone.status, together.err) == (0, "")
    assert together.out == alone.out
    assert [json.loads(line)["id"] for line in together.out.splitlines()] == [row["id"] for row in rows]


@pytest.mark.parametrize("count", ["0", "65", "two", "-1"])
def test_a_number_of_processes_that_makes_no_sense_is_refused(quickly: Run, count: str) -> None:
    ended = quickly("classify", "-", "-j", count)
    assert (ended.status, len(ended.err.splitlines())) == (2, 1)
    assert "-j" in ended.err


def test_wrong_rules_are_told_once_and_not_by_each_process(quickly: Run, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "a.txt").write_text(LAMP, encoding="utf-8")
    ended = quickly("classify", "a.txt", "--rules", "rules", "-j", "2")
    assert (ended.status, len(ended.err.splitlines()), "分类规则有误" in ended.err) == (2, 1, True)
