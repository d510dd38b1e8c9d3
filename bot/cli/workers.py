"""Work spread over processes, results in the order of the input, memory bounded however long that is."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle, islice
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
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

    Leave it by an error and every process ends at once; they end by themselves when this one dies. Each has a pipe of
    its own whose other end nobody else holds: a ProcessPoolExecutor shares one, and waits for ever for the rest of
    what a process was writing when it was killed.
    """

    def __init__(self, processes: int, start: Callable[..., Callable[[T], R]], *arguments: Any) -> None:
        self._count, self._start, self._arguments = processes, start, arguments
        self._processes: list[BaseProcess] = []
        self._pipes: list[Connection] = []

    def map(self, items: Iterable[T]) -> Iterator[R]:
        """Results as they come, in the order of the items. Raises GridbridgeError if a process dies."""
        left, turns, waiting = iter(items), cycle(self._pipes), deque[Connection]()
        while chunk := list(islice(left, CHUNK)):
            pipe = next(turns)
            with _death_told():
                pipe.send(chunk)
            waiting.append(pipe)
            if len(waiting) >= AHEAD * self._count:
                yield from _received(waiting.popleft())
        while waiting:
            yield from _received(waiting.popleft())

    def __enter__(self) -> Self:
        # Spawned: a fork would copy locks of threads that are not there, and Windows has no other way.
        context = multiprocessing.get_context("spawn")
        with _no_interrupt():
            for _ in range(self._count):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(theirs, self._start, self._arguments), daemon=True)
                process.start()
                theirs.close()
                self._pipes.append(ours)
                self._processes.append(process)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for process in self._processes:
                process.terminate()
        for pipe in self._pipes:
            pipe.close()  # which is how a process learns that it is over
        for process in self._processes:
            process.join(_PATIENCE)
            if process.is_alive():
                process.kill()


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


@contextmanager
def _death_told() -> Iterator[None]:
    try:
        yield
    except (EOFError, OSError) as died:
        raise GridbridgeError("一个分类的进程意外停了，多半是内存不够，请把 -j 改小再试") from died


def _received(pipe: Connection) -> list[Any]:
    with _death_told():
        found = pipe.recv()
    if isinstance(found, Exception):
        raise found
    results: list[Any] = found
    return results


# ---------------------------------------------------------------- in the processes


def _serve(pipe: Connection, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    """One list of results, or what went wrong, for each chunk."""
    chunks: queue.SimpleQueue[list[Any]] = queue.SimpleQueue()
    threading.Thread(target=_take, args=(pipe, chunks), daemon=True).start()
    with suppress(BrokenPipeError, ConnectionResetError):  # nobody is there any more: _take ends us
        try:
            work = start(*arguments)
        except Exception as error:  # noqa: BLE001 - the boundary of a process: who started it has to hear of it
            pipe.send(error)
            return
        while True:
            pipe.send(_done(work, chunks.get()))


def _take(pipe: Connection, chunks: queue.SimpleQueue[list[Any]]) -> None:
    """At once, so that who gives and who answers never wait for each other; ends this process with the other."""
    try:
        while True:
            chunks.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)


def _done(work: Callable[[Any], Any], chunk: list[Any]) -> list[Any] | Exception:
    try:
        return [work(item) for item in chunk]
    except Exception as error:  # noqa: BLE001 - the boundary of a process, see _serve
        return error
