"""Writes down what the bot really does, for whoever writes a transcript and reads every line of it:

    python -m tests.transcripts.record [--write] FILE …

prints each file with the bot's lines as they are now (or puts them into it); lines about cases stay, and what is not
so is marked with !!.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bot.assembly import rules_of
from bot.config import Config
from bot.flow.rules import Rules
from storage.engine import Database
from tests.transcripts import show
from tests.transcripts.play import Player
from tests.transcripts.read import read
from tests.transcripts.script import Script, Step
from tests.transcripts.world import Broken, World

LONGEST = 600  # characters of an error


async def record(script: Script, lines: list[str], rules: Rules) -> str:
    """The file's own lines with the bot's in place of those that stand there; lines about cases stay."""
    with tempfile.TemporaryDirectory() as folder:
        db = await Database.open(f"sqlite:///{folder}/paper.db")
        try:
            player = Player(await World.open(script.cast, db, rules))
            said = {step.last_line: await _step(player, step) for step in script.steps}
        finally:
            await db.close()
    kept = [(n, line) for n, line in enumerate(lines, 1) if not line.startswith(" ") or line.strip().startswith("事件")]
    return "\n".join(f"{line}\n{said[n]}" if n in said else line for n, line in kept)


async def _step(player: Player, step: Step) -> str:
    try:
        await player.step(step)
    except AssertionError as impossible:
        return f"  !! {impossible}"
    wrong = [line for line in await player.compare(step) if line.startswith(("事件", "没有事件"))]
    did = show.told(player.world.paper, player.news, player.toasts, short=True)
    return "\n".join([did, *(f"  !! {line}" for line in wrong)])


def main(names: list[str], *, write: bool) -> None:
    rules = rules_of(Config())
    for path in map(Path, names):
        lines = path.read_text(encoding="utf-8").splitlines()
        try:
            text = asyncio.run(record(read(path, draft=True), lines, rules))
        except Broken as broken:
            print(f"!! {path}: {broken}"[:LONGEST])
            continue
        if write:
            path.write_text(text + "\n", encoding="utf-8")
        else:
            print(text)


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name != "--write"], write="--write" in sys.argv)
