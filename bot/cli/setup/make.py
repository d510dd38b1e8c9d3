"""Makes what was answered: everything, or nothing is left of it."""

from __future__ import annotations

import asyncio
import sys
import tomllib
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url

from bot import config as settings
from bot.channels.webchat.config import from_table
from bot.channels.webchat.parse import private_room
from bot.cli.checks.database import database
from bot.cli.checks.finding import Level
from bot.cli.opened import database_file
from bot.cli.setup.answers import Answers
from bot.cli.setup.template import DATABASE_SECRET, WEBCHAT_SECRET, filled, lines_for, template
from bot.cli.town import WEBCHAT, Town, address, now, opened_town
from bot.config import Config
from bot.errors import ConfigError, GridbridgeError
from bot.flow.draft import Draft
from bot.flow.lanes import lane_of
from bot.model import ChatKind, Priority
from bot.secretfile import keep_secret, new_secret
from bot.settings import reason_of
from bot.talk.texts import Texts
from storage import directory, outbox
from storage.records import NewPost


@dataclass(frozen=True, slots=True)
class Made:
    """What there is now: the file, its settings, the admin's link."""

    path: Path
    config: Config
    link: str


def make(answers: Answers, path: Path) -> Made:
    """`path`: the configuration to write. Raises GridbridgeError; whatever ends it early, nothing of it stays."""
    url_in_file = bool(make_url(answers.database).password) if "://" in answers.database else False
    text = filled(template(), lines_for(answers, url_in_file=url_in_file))
    with ExitStack() as undo:
        try:
            _folder(path.parent, undo)
            _secret(path.with_name(WEBCHAT_SECRET), new_secret(), undo)
            if url_in_file:
                _secret(path.with_name(DATABASE_SECRET), answers.database, undo)
            config = settings.build(tomllib.loads(text), path.resolve().parent)
            _must_be_new(config, answers)
            _remember(config, undo)
            link = asyncio.run(_fill(config, answers, path, text, undo))
        except OSError as error:
            where = error.filename or path.parent
            raise GridbridgeError(f"{where} 写不了（{reason_of(error)}），请检查路径和权限") from error
        undo.pop_all()
    return Made(path, config, link)


async def _fill(config: Config, answers: Answers, path: Path, text: str, undo: ExitStack) -> str:
    """The directory is written last, in one transaction: nothing that could fail comes after it."""
    welcome = Texts.load().say("help.admin")
    async with opened_town(config) as town:
        try:
            await town.chat.ensure_member(answers.admin_id, answers.admin, staff=True)
        except ValueError as error:
            raise GridbridgeError(f"--admin-id：不能用 {answers.admin_id}，请换一个编号") from error
        link = address(config, town.chat, await town.chat.invite(answers.admin_id))
        _write_config(path, text, undo)
        await town.write(lambda conn: _seed(conn, town, answers, welcome))
    return link


def _seed(conn: Connection, town: Town, answers: Answers, welcome: str) -> None:
    """The top area, the admin, and what he finds in his private chat when he comes in."""
    moment = now()
    area = directory.add_area(conn, code=answers.code, name=answers.city, level=answers.level)
    person = directory.ensure_person(conn, WEBCHAT, answers.admin_id, answers.admin, moment)
    directory.grant(conn, person.id, "admin", area_id=area)
    chat = directory.ensure_chat(
        conn, town.chat.account, private_room(answers.admin_id),
        kind=ChatKind.PRIVATE, now=moment, person_id=person.id,
    )  # fmt: skip
    post = NewPost(
        lane=lane_of(chat.id, None, "intro", Priority.ANSWER, urgent=False),
        account=town.chat.account,
        chat_id=chat.id,
        kind="intro",
        priority=Priority.ANSWER,
        body=Draft(view="text", text=welcome).dump(),
        due_at=moment,
        dedupe=f"intro:{chat.id}",
    )
    outbox.put(conn, [post], moment)


def _must_be_new(config: Config, answers: Answers) -> None:
    """A town that is there already is not touched; what an init that failed has left behind is taken up again."""
    finding, seen = database(config)
    if finding.level is Level.FAIL:
        raise ConfigError(f"--database：{finding.text}，{finding.remedy}")
    others = [area.name for area in seen.directory.areas.values() if area.code != answers.code] if seen else []
    if others:
        remedy = "请用 --data 或 --database 换一个空的，或把 config.example.toml 复制过来自己改"
        raise ConfigError(f"--database：这个数据库里已经有 {others[0]} 等区域，init 只用来从头建，{remedy}")


def _remember(config: Config, undo: ExitStack) -> None:
    """What opening the databases will make."""
    own = database_file(config)
    if own is None:
        undo.callback(_tables_stay)
    _folder(config.data_dir, undo, mode=0o700)  # what people wrote is in there
    history = from_table(config.channels[f"{WEBCHAT}:main"]).history_path(config.data_dir)
    for path in filter(None, (own, history)):
        if not path.exists():
            for suffix in ("", "-wal", "-shm"):
                undo.callback(path.with_name(path.name + suffix).unlink, missing_ok=True)


def _tables_stay() -> None:
    print("gridbridge：PostgreSQL 里建好的空表留着，再运行一次 gridbridge init 会接着用", file=sys.stderr)


def _folder(folder: Path, undo: ExitStack, mode: int = 0o777) -> None:
    """Make it and those above it, as far as they are missing."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode)
        undo.callback(_remove_empty, path)


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):  # somebody else has put something in
        folder.rmdir()


def _secret(path: Path, secret: str, undo: ExitStack) -> None:
    try:
        keep_secret(path, secret)
    except FileExistsError as error:
        raise ConfigError(f"{path} 已经有了，没有改它；不用的话请移走，再运行一次 gridbridge init") from error
    undo.callback(path.unlink, missing_ok=True)


def _write_config(path: Path, text: str, undo: ExitStack) -> None:
    with path.open("x", encoding="utf-8") as file:
        undo.callback(path.unlink, missing_ok=True)
        file.write(text)
