"""A platform that is away, refuses, hangs, or takes posts and does not say so; the operator reads what it is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.cases.notices import REMINDERS
from bot.flow.post import AT_ONCE
from bot.flow.retry import EDIT
from bot.flow.tell import OVERTAKEN
from bot.flow.watch import PATIENCE, STEADY
from tests.crash import operator
from tests.crash.bench import Bench, open_bench
from tests.crash.lives import Life
from tests.crash.operator import AWAY, BACK, must
from tests.crash.pigeon.weather import FAIR, Weather
from tests.crash.table import Row, row_of

A_DAY = timedelta(days=1)
ALL_HANG = Weather(hang=1.0, polls=True)
TALKATIVE = 60  # people go on talking to somebody who does not answer
DOUBTFUL = ("post_unknown",)  # a reminder that may have arrived is given up, and the log says so


async def away_for_a_day(url: str, short: bool) -> Row:
    """Nobody answers at its address, for a day."""
    async with open_bench(url) as bench:
        life = await _talking(bench, short)
        untold, recovered = await _a_day_away(bench, life, 12 if short else 96)
        return await _row(bench, "platform away for a day", untold, [recovered], "24 h of the town's clock")


async def tour(url: str, _short: bool = True) -> Row:
    """All of it, a moment each, in one life, and a SIGKILL at its worst: what the tests look at every day."""
    async with open_bench(url) as bench:
        life = await _talking(bench, short=True)
        untold: list[str] = []
        for weather in (Weather(flood=0.5), Weather(hang=0.3), Weather(mute=0.4), Weather(garbage=0.3, cut=0.3)):
            bench.platform.weather = weather
            await bench.busy(0.5, 0.04)
            untold += await _is_up(bench, life)
        await _clears(bench)
        away, recovered = await _a_day_away(bench, life, 8)
        bench.platform.weather = Weather(mute=0.5)
        await bench.busy(0.5, 0.05)
        untold += operator.alarming(life, AWAY, *DOUBTFUL)
        await bench.kill(life)
        await bench.start()
        times = [recovered, await _clears(bench)]
        found = await _row(
            bench, "platform: a moment of everything", [*untold, *away], times, f"{bench.killed} kill", alarms=False
        )
        return _with(found, must((found.again > 0, "nothing was sent a second time"),
                                 (bool(bench.platform.pauses), "nothing was refused")))  # fmt: skip


async def _a_day_away(bench: Bench, life: Life, steps: int) -> tuple[list[str], float]:
    """What the operator was not told, and the seconds until a post arrived again."""
    bench.people.alarm()  # whoever is called and does not answer is called again, so something urgent waits
    await bench.settle()
    await bench.platform.close()
    for _ in range(steps):
        bench.clock.jump(A_DAY / steps)
        await bench.busy(0.15, 0.05, TALKATIVE)
    untold = await _is_away(bench, life, outbox=True)
    back = time.monotonic()
    await bench.platform.open()
    recovered = await bench.handled_again(back)
    return untold + await _is_back(bench, life), recovered


async def flood(url: str, short: bool) -> Row:
    """Every second post is refused with "wait a moment"."""
    async with open_bench(url) as bench:
        life = await _talking(bench, short)
        bench.platform.weather = Weather(flood=0.5)
        await bench.busy(2 if short else 20, 0.05)
        untold = await _is_up(bench, life)
        recovered = await _clears(bench)
        tries, pushed = len(bench.platform.tries), bench.platform.pushed
        refused = len(bench.platform.pauses)
        untold += must((refused > 5, f"only {refused} posts were refused"),
                       (pushed <= tries // 50, f"{pushed} of {tries} posts were sent while the account had to wait"))  # fmt: skip
        found = await _row(bench, "429 storm", untold, [recovered], f"{refused} refused, {pushed} sent in a pause")
        doubts = must((found.again + found.doubt == 0, "what was refused is in no doubt"))
        return _with(found, doubts)


async def hanging(url: str, short: bool) -> Row:
    """Connections that are taken and never answered: some of the posts, some of everything, everything."""
    async with open_bench(url) as bench:
        life = await _talking(bench, short)
        for weather in (Weather(hang=0.5), Weather(hang=0.4, polls=True)):
            bench.platform.weather = weather
            await bench.busy(1.2 if short else 10, 0.05)
        bench.platform.weather = ALL_HANG
        untold = await _is_away(bench, life)
        recovered = await _clears(bench)
        untold += await _is_back(bench, life)
        found = await _row(bench, "connections that hang", untold, [recovered], "posts, then polls as well")
        return _with(found, must((found.again == 0, "what hung was never posted")))


async def _unanswered(weather: Weather, fault: str, url: str, short: bool) -> Row:
    """What was taken goes again later and later, and is given up only if it stays so for an hour."""
    async with open_bench(url) as bench:
        life = await _talking(bench, short)
        bench.platform.weather = weather
        for wait in (0, 5, 60) if short else (0, 5, 60, 5, 60, 5, 60):
            bench.clock.jump(timedelta(seconds=wait))
            await bench.busy(1.2 if short else 5, 0.05)
        untold = await _is_up(bench, life, steady=not weather.polls)
        recovered = await _clears(bench)
        found = await _row(bench, fault, untold, [recovered], f"{sum(bench.platform.unanswered.values())} unanswered")
        return _with(found, must((found.again > 0, "nothing was sent a second time")))


mute = partial(_unanswered, Weather(mute=0.4), "posted, never answered")
garbled = partial(_unanswered, Weather(garbage=0.25, cut=0.25, polls=True), "answers that are no JSON, lines cut")

WEATHERS = (
    Weather(flood=0.5, polls=True),
    Weather(hang=0.4, polls=True),
    Weather(mute=0.4),
    Weather(garbage=0.3, cut=0.3, polls=True),
    None,  # nobody answers at its address
)


async def killed_meanwhile(url: str, short: bool) -> Row:
    """SIGKILL in the middle of each of these."""
    async with open_bench(url) as bench:
        await (await bench.start()).running()
        for weather in WEATHERS if short else WEATHERS * 12:
            await _turn(bench, weather)
            await bench.busy(bench.people.dice.uniform(0.4, 0.9), 0.05)
            await bench.kill(bench.lives[0])
            await bench.start()
        await _turn(bench, FAIR)
        bench.people.report()
        recovered = await bench.handled_again(time.monotonic())
        return await _row(bench, "SIGKILL in bad weather", [], [recovered], f"{bench.killed} kills", alarms=False)


async def _turn(bench: Bench, weather: Weather | None) -> None:
    if weather is None:
        await bench.platform.close()
        return
    bench.platform.weather = weather
    if bench.platform.closed:
        await bench.platform.open()


# -- what they have in common


async def _talking(bench: Bench, short: bool) -> Life:
    life = await bench.start()
    await life.running()
    await bench.busy(1.0 if short else 3.0)
    return life


async def _clears(bench: Bench) -> float:
    """Fair weather again; seconds until a post arrives that is not the answer to an old try."""
    cleared = time.monotonic()
    bench.platform.weather = FAIR
    bench.people.report()
    return await bench.handled_again(cleared)


async def _row(
    bench: Bench, fault: str, untold: Sequence[str], recovered: Sequence[float], note: str, *, alarms: bool = True
) -> Row:
    await bench.outlast()
    found = await bench.reckoning()
    found.untold += untold
    found.untold += await _wrongly_expired(bench)
    if alarms:
        found.untold += [line for life in bench.lives for line in operator.alarming(life, AWAY, *DOUBTFUL)]
    return row_of(fault, bench.url, found, note=note, recovered=recovered)


def _with(row: Row, faults: Sequence[str]) -> Row:
    return replace(row, faults=(*row.faults, *faults))


async def _wrongly_expired(bench: Bench) -> list[str]:
    """What is said at once or never may be dropped, and what was on its way when something newer took its place."""
    books = await bench.books()
    late = [row for row in books.outbox if row.state == "expired" and not row.kind.startswith(EDIT)]
    return [
        f"outbox {row.id} ({row.kind}) expired" for row in late if row.kind not in {*AT_ONCE, *OVERTAKEN, *REMINDERS}
    ]


# -- what the operator reads


async def _is_up(bench: Bench, life: Life, *, steady: bool = True) -> list[str]:
    """The account is up, the process ready, and no line is written for what mends itself."""
    account = bench.town[0].account
    checks = await operator.read(life, lambda one: one[account]["value"] == "up")
    return must((checks[account]["value"] == "up", f"/readyz: {checks[account]}"),
                (all(one["ok"] for one in checks.values()), f"/readyz: {checks}"),
                (not steady or not operator.told(life, AWAY), "called away, and it is not"))  # fmt: skip


async def _is_away(bench: Bench, life: Life, *, outbox: bool = False) -> list[str]:
    """/readyz names the account's state and reason; the log says it once. `outbox`: something urgent is late."""
    account = bench.town[0].account
    await operator.read(
        life, lambda one: one[account]["value"] == "connecting" and (one["outbox"].get("warn", False) or not outbox)
    )
    bench.clock.jump(PATIENCE)
    said = await operator.heard(life, AWAY)
    checks = await operator.readyz(life)
    return must((checks[account]["value"] == "connecting" and bool(checks[account]["detail"]), f"/readyz: {checks[account]}"),
                (bool(checks["outbox"].get("warn")) or not outbox, f"/readyz: {checks['outbox']}"),
                (all(one["ok"] for one in checks.values()), f"others are asked instead of it: {checks}"),
                (said, "the log does not say that the platform is away"))  # fmt: skip


async def _is_back(bench: Bench, life: Life) -> list[str]:
    untold = await _is_up(bench, life, steady=False)
    for _ in range(10):
        bench.clock.jump(STEADY)
        if await operator.heard(life, BACK, 1.2):
            break
    return untold + must((operator.told(life, BACK) == 1, "the log does not say that the platform is back"),
                         (operator.told(life, AWAY) == 1, f"away is said {operator.told(life, AWAY)} times"))  # fmt: skip
