"""The same small talk through a bot framework: python-telegram-bot's Application with a handler that stores nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from telegram import Bot, Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import BaseRequest, RequestData

from benchmarks.databases import sqlite_url
from benchmarks.jiebawords import jieba_finder
from benchmarks.measure import alternate
from benchmarks.pipeline import FETCH, open_pipeline
from benchmarks.scale import Scale
from benchmarks.stream import stream
from benchmarks.table import Line, micro
from benchmarks.updates import ACCOUNT, BOT_ID, lines, parse

GOAL = 10.0


class NoNetwork(BaseRequest):
    """Answers getMe; nothing else is asked."""

    async def initialize(self) -> None:
        return None

    async def shutdown(self) -> None:
        return None

    @property
    def read_timeout(self) -> float | None:
        return None

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        me = {"id": BOT_ID, "is_bot": True, "first_name": "bench", "username": "bench_bot"}
        return 200, json.dumps({"ok": True, "result": me}).encode()


def run(scale: Scale) -> list[Line]:
    return asyncio.run(_run(scale))


async def _application() -> Application[Any, Any, Any, Any, Any, Any]:
    finds, found = jieba_finder(), [0]

    async def handle(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        message = update.effective_message
        if message is not None and finds(message.text or ""):
            found[0] += 1

    bot = Bot(f"{BOT_ID}:none", request=NoNetwork(), get_updates_request=NoNetwork())
    application = Application.builder().bot(bot).updater(None).build()
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, handle))
    await application.initialize()
    return application


async def _run(scale: Scale) -> list[Line]:
    size = scale.messages // 4
    updates = [json.loads(x) for x in lines(stream(size * (scale.runs + 1), reports=0, groups=scale.grids))]
    application = await _application()
    with sqlite_url() as url:
        db, pipeline = await open_pipeline(url, scale.grids)
        intake = pipeline.parts.intakes[ACCOUNT]

        async def ours(number: int) -> None:
            for at in range(number * size, (number + 1) * size, FETCH):
                await intake.accept([parse(update) for update in updates[at : at + FETCH]])

        async def peer(number: int) -> None:
            for update in updates[number * size : (number + 1) * size]:
                await application.process_update(Update.de_json(update, application.bot))

        pair = await alternate(ours, peer, scale.runs)
        await db.close()
    await application.shutdown()
    one, other = micro(pair.ours / size), micro(pair.peer / size)
    reached = pair.ratio >= GOAL
    return [Line("chatter, dict to drop | python-telegram-bot + jieba", one, other, pair.ratio, "≥ 10 ×", reached)]
