"""Work spread over processes, results in the order of the input, memory bounded however long that is."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from bot.errors import GridbridgeError

T = TypeVar("T")
R = TypeVar("R")
CHUNK = 200  # items a process is given at once: handing over costs more than one of them
AHEAD = 3  # chunks a process that wait, are in work or are done before their turn
_PATIENCE = 0.5  # seconds a process has to end before it is killed


class Workers(Generic[T, R]):
    """`start()` makes what works, once in each process; it, its arguments, items and results are pickled.

    Leave it by an error and every process ends at once; they end by themselves when this one dies.
    """

    def __init__(self, processes: int, start: Callable[..., Callable[[T], R]], *arguments: Any) -> None:
        self._processes = processes
        # Spawned: a fork would copy locks of threads that are not there, and Windows has no other way.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(
            processes, mp_context=context, initializer=_begin, initargs=(start, arguments)
        )  # fmt: skip

    def map(self, items: Iterable[T]) -> Iterator[R]:
        """Results as they come, in the order of the items. Raises GridbridgeError if a process dies."""
        left, waiting = iter(items), deque[Future[list[R]]]()
        try:
            while chunk := list(islice(left, CHUNK)):
                waiting.append(self._pool.submit(_work, chunk))
                if len(waiting) >= AHEAD * self._processes:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as died:
            raise GridbridgeError("一个分类的进程意外停了，多半是内存不够，请把 -j 改小再试") from died

    def __enter__(self) -> Self:
        with _no_interrupt():
            for _ in range(self._processes):  # each of these starts one
                self._pool.submit(_nothing)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._pool.shutdown()
            return
        self._pool.shutdown(wait=False, cancel_futures=True)
        _end(multiprocessing.active_children())


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """What is started here never hears Ctrl-C, not even while it starts: who started it decides."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _end(children: Iterable[multiprocessing.process.BaseProcess]) -> None:
    ending = list(children)
    for child in ending:
        child.terminate()
    for child in ending:
        child.join(_PATIENCE)
        if child.is_alive():
            child.kill()


# ---------------------------------------------------------------- in the processes

_tools: dict[str, Callable[[Any], Any]] = {}  # of this process: an initializer has no other way to hand over


def _begin(start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _tools["work"] = start(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _nothing() -> None:
    """Starts a process."""


def _work(chunk: list[Any]) -> list[Any]:
    work = _tools["work"]
    return [work(item) for item in chunk]
