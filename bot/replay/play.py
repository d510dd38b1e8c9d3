"""A past group talk through the real program: gate, inbox, dispatch, dialogue and tell, on a throw-away database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.assembly import rules_of
from bot.cli.replay.conversation import Conversation, Said
from bot.cli.replay.outcome import Outcome
from bot.config import Config
from bot.errors import ConfigError, GridbridgeError
from bot.flow.rules import Rules
from bot.model import Attachment, Inbound, InboundKind, Mode, Sender
from bot.replay import town
from bot.replay.channel import ACCOUNT, ReplayChannel
from bot.replay.findings import read_findings
from bot.replay.silence import Silence
from bot.replay.simulation import Simulation
from classifiers.rules import RuleError
from storage.engine import Database
from storage.errors import Unavailable

RUN_ON = timedelta(minutes=10)
"""After the last word: cards have come, pieces have found each other, whoever was warm has cooled down."""
_PREPARED = "prepared.db"


async def replay(
    config: Config, conversations: Iterable[Conversation], *, mode: Mode, heard: Callable[[int], None]
) -> AsyncIterator[Outcome]:
    """Each talk in a town of its own. `heard` is told how many more messages have been heard.

    Raises ConfigError for wrong rules, GridbridgeError when the throw-away database has no room.
    """
    rules = rules_of(config)
    await _load(rules)
    try:
        with tempfile.TemporaryDirectory(prefix="gridbridge-replay-") as folder:
            await (await Database.open(_url(Path(folder) / _PREPARED))).close()
            for conversation in conversations:
                async with _fresh(Path(folder)) as db:
                    outcome = await _play(config, rules, db, conversation, mode, heard)
                yield outcome
    except (OSError, Unavailable) as error:
        place = f"临时文件夹 {tempfile.gettempdir()} 写不了（{error}）"
        raise GridbridgeError(f"{place}，磁盘可能满了，请腾出空间，或用环境变量 TMPDIR 换一个文件夹") from error


async def _load(rules: Rules) -> None:
    try:
        await rules.load(frozenset())
    except RuleError as error:
        raise ConfigError(f"分类规则有误：{error}") from error


@asynccontextmanager
async def _fresh(folder: Path) -> AsyncIterator[Database]:
    """An empty database with all its tables; gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        file = Path(own) / "replay.db"
        shutil.copyfile(folder / _PREPARED, file)
        db = await Database.open(_url(file))
        try:
            yield db
        finally:
            await db.close()


def _url(file: Path) -> str:
    return f"sqlite:///{file}"


async def _play(
    config: Config,
    rules: Rules,
    db: Database,
    conversation: Conversation,
    mode: Mode,
    heard: Callable[[int], None],
) -> Outcome:
    channel = ReplayChannel(lambda: world.now)
    world = Simulation(db, channel, conversation.start)
    await db.run(lambda conn: town.seed(conn, conversation.people, mode, world.now))
    await world.start(config, rules)
    gate, silence = world.parts.intakes[ACCOUNT].gate, Silence(rules.classifier)
    for said in conversation.said:
        await world.advance(said.at)
        before = gate.counters.passed
        await world.hear([_event(said)])
        silence.note(said, passed=gate.counters.passed > before)
        heard(1)
    await world.advance(world.now + RUN_ON)
    return await read_findings(world, conversation, channel.posted, silence)


def _event(said: Said) -> Inbound:
    files = tuple(Attachment("photo", f"{said.index}-{number}") for number in range(said.photos))
    return Inbound(
        account=ACCOUNT,
        event_key=f"m{said.index}",
        kind=InboundKind.MESSAGE,
        chat=town.GROUP,
        private=False,
        sent_at=said.at,
        sender=Sender(said.who.id, said.who.name),
        message_id=f"m{said.index}",
        text=said.text,
        reply_to=None if said.reply_to is None else f"m{said.reply_to}",
        attachments=files,
    )
