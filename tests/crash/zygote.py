"""A process that has everything loaded and forks the real program whenever it is asked: a start costs 0.1 s, not two.

Reads orders (JSON lines) on standard input and answers each with the new process's id. Before the first order it is
told which places the rules must know.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot import logs
from bot.app import App
from bot.channels import registry
from bot.channels.needs import Needs
from bot.cli.loop import serve
from bot.config import PARTS, load
from bot.config import build as build_config
from bot.flow.rules import Rules
from bot.flow.terms import Terms
from bot.model import Inbound, Post, SendResult
from bot.ports import Accept
from tests.crash.clock import TownClock
from tests.crash.pigeon.channel import PigeonChannel, build
from tests.crash.points import Points

TERMS = Terms(account=timedelta(seconds=1.2), inbox=timedelta(seconds=1.5), outbox=timedelta(seconds=2.5))
REMIND_EVERY = 0.3


class Watched(PigeonChannel):
    """With points of its own: where bytes leave the process."""

    points = Points()
    clings = False  # to life: does not end when it is told to

    async def send(self, post: Post) -> SendResult:
        self.points.reached("channel > before a post leaves")
        outcome = await super().send(post)
        self.points.reached("channel > after the answer to a post")
        return outcome

    async def ack(self, inbound: Inbound, text: str) -> None:
        self.points.reached("channel > before a press is answered")
        await super().ack(inbound, text)

    async def run(self, accept: Accept, stop: Any) -> None:
        async def take(inbounds: Any) -> None:
            self.points.reached("channel > before events are accepted")
            await accept(inbounds)
            self.points.reached("channel > before the offset moves")

        await super().run(take, stop)
        if self.clings:
            await asyncio.sleep(3600)


def _factory(account: str, table: Any, needs: Needs) -> Watched:
    made = build(account, table, needs)
    made.__class__ = Watched
    return made  # type: ignore[return-value]


def _live(order: dict[str, Any], rules: Rules) -> int:
    """One life of the program: `gridbridge run` with a platform of the tests and the town's clock."""
    config = load(Path(order["config"]))
    logs.setup("info", "json")
    clock = TownClock(Path(order["clock"]))
    Watched.points = Points(tuple(order["die"]) if order.get("die") else None,
                            Path(order["note"]) if order.get("note") else None)  # fmt: skip
    Watched.points.watch()
    Watched.clings = bool(order.get("clings"))
    terms = replace(TERMS, **{name: timedelta(seconds=s) for name, s in order.get("terms", {}).items()})

    async def run(stop: asyncio.Event) -> None:
        async with App.open(
            config,
            only=order.get("only", PARTS),
            clock=clock,
            remind_every=REMIND_EVERY,
            stop=stop,
            terms=terms,
            factories={**registry.CHANNELS, "pigeon": _factory},
            rules=rules,
        ) as app:
            await app.serve(stop)

    return serve(run)


def _child(order: dict[str, Any], rules: Rules) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for target, source in ((0, null), (1, log), (2, log)):
        os.dup2(source, target)
    status = 1
    try:
        status = _live(order, rules)
    except BaseException as error:
        logs.setup("info", "json")
        print(f"life ended: {type(error).__name__}: {error}", file=sys.stderr)
        raise
    finally:
        print(f"exit {status}", file=sys.stderr, flush=True)
        os._exit(status)


async def _warm(rules: Rules) -> None:
    """Open and close the program once: what it imports late is then there for all."""
    with tempfile.TemporaryDirectory() as folder:
        async with App.open(build_config({"web": {"port": 0}}, Path(folder)), rules=rules):
            pass


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the dead
    rules = Rules(None, full_dictionary=False, max_text=4000)
    asyncio.run(_warm(rules))
    asyncio.run(rules.load(frozenset(json.loads(sys.stdin.readline()))))
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _child(json.loads(line), rules)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
