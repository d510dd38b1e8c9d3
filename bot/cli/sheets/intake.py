"""An import against the real databases: looked at without a trace, or written in one transaction."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import IntegrityError

from bot.channels.webchat.channel import WebchatChannel
from bot.cli.checks.database import inside
from bot.cli.opened import NO_DRIVER, is_there, opened
from bot.cli.progress import progress
from bot.cli.sheets.people import WEBCHAT
from bot.cli.sheets.plan import Plan, make_plan, meetings
from bot.cli.sheets.sheet import Sheet
from bot.cli.sheets.standing import EMPTY, Standing
from bot.cli.sheets.table import Refused, Row
from bot.cli.town import now, of_history, web_chat
from bot.config import Config
from bot.errors import ConfigError, GridbridgeError
from storage import bulk, directory
from storage.engine import Database
from storage.faults import told_apart
from storage.room_log import peek
from storage.room_records import Roster


@dataclass(frozen=True, slots=True)
class Order:
    """`unread`: rows that were refused by their cells alone."""

    sheet: Sheet
    config: Config
    rows: Sequence[Row]
    unread: Sequence[Refused]
    skip_refused: bool = False

    def may_write(self, plan: Plan) -> bool:
        return self.skip_refused or not plan.refused


class Halted(Exception):  # noqa: N818 - asked for, no fault
    """Ctrl-C: the transaction is rolled back."""


def look(order: Order) -> Plan:
    """What would be done. Nothing is made or changed, not even a database that is not there yet."""
    chat = _chat_of(order)
    plan = partial(_plan, order, chat, _roster(chat))
    if not is_there(order.config):
        return plan(None)
    try:
        with told_apart():
            return inside(make_url(order.config.database.url), plan)
    except ImportError as error:
        raise ConfigError(NO_DRIVER) from error


def carry_out(order: Order) -> Plan:
    """Do it in one transaction, unless rows are refused; then, in one of its own, what the web chat lacks.

    Raises GridbridgeError when the second cannot be done: the same import again does what is missing.
    """
    return asyncio.run(_carry_out(order))


async def _carry_out(order: Order) -> Plan:
    chat, halt = _chat_of(order), threading.Event()
    async with opened(order.config) as db:
        doing = asyncio.ensure_future(_do(order, db, chat, halt))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            print("正在停下……", file=sys.stderr)
            halt.set()
        try:
            return await doing  # it was done before it heard of it
        except Halted:
            print("gridbridge：按您的意思停下了，什么都没有写。", file=sys.stderr)
            raise asyncio.CancelledError from None


async def _do(order: Order, db: Database, chat: WebchatChannel | None, halt: threading.Event) -> Plan:
    plan = await _written(order, db, chat, halt)
    if chat is not None and order.may_write(plan) and (plan.members or plan.rooms):
        try:
            with of_history(chat.history):
                await chat.people.settle(plan.members, plan.rooms)
        except GridbridgeError as away:
            remedy = "处理好以后再做一遍同样的，就补上了"
            raise GridbridgeError(f"目录写好了，但网页群聊的成员和群还没写成：{away}；{remedy}") from away
        finally:
            await chat.close()
    return plan


async def _written(order: Order, db: Database, chat: WebchatChannel | None, halt: threading.Event) -> Plan:
    """Looked at and written under one lock, so that nothing changes between the two."""
    roster = _roster(chat)

    def work(conn: Connection) -> Plan:
        bulk.lock(conn)
        plan = _plan(order, chat, roster, conn)
        if plan.changes and order.may_write(plan):
            with progress("写入", len(plan.changes)) as done:
                bulk.write(conn, plan.changes, now(), partial(_step, halt, done))
        _step(halt, lambda _: None, 0)
        return plan

    try:
        return await db.run(work)
    except IntegrityError:  # a group or a resident appeared at this very moment: look again
        return await db.run(work)


def _step(halt: threading.Event, done: Callable[[int], None], more: int) -> None:
    if halt.is_set():
        raise Halted
    done(more)


def _plan(order: Order, chat: WebchatChannel | None, roster: Roster, conn: Connection | None) -> Plan:
    chats, people = meetings(order.sheet, order.rows)
    standing = Standing(
        rows=directory.load(conn) if conn is not None else EMPTY,
        met_chats=bulk.chats_at(conn, chats) if conn is not None else {},
        met_people=bulk.people_at(conn, people) if conn is not None else {},
        accounts=frozenset(order.config.channels),
        webchat=chat.account if chat else "",
        roster=roster,
    )
    return make_plan(order.sheet, order.rows, order.unread, standing)


def _chat_of(order: Order) -> WebchatChannel | None:
    """The web chat, where the sheet has to do with it and there is one. Raises ConfigError if there are several."""
    accounts = {account.partition(":")[0] for account in order.config.channels}
    return web_chat(order.config) if order.sheet.in_web_chat and WEBCHAT in accounts else None


def _roster(chat: WebchatChannel | None) -> Roster:
    """Raises GridbridgeError when the history cannot be read."""
    if chat is None:
        return Roster()
    with of_history(chat.history):
        return peek(chat.history)
