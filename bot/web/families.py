"""A snapshot in the families of Prometheus. Names and units are an interface: docs/alerts.yml and dashboards use them.

Every label that is known beforehand is there from the start, with 0: an increase from nothing to one is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)

from bot.cases.notices import REMINDERS
from bot.cases.rulebook import STAGES
from bot.cases.states import State
from bot.flow.counts import STUMBLED, Outcomes, Spread
from bot.flow.gate import Reason
from bot.model import InboundKind, Priority
from bot.ports import ChannelState
from bot.web.snapshot import Account, Seen, Snapshot
from storage.gauges import Backlog

Row = tuple[Sequence[str], float]
"""Values of the labels, and the number."""

_KINDS = tuple(InboundKind)
_REASONS = (*Reason, STUMBLED)
_OUTCOMES = tuple(one.name for one in fields(Outcomes))
_REMINDERS = (*REMINDERS, "list", STUMBLED)
_PRIORITIES = {one.value: one.name.lower() for one in Priority}
_DEAD = (("inbox", "dead"), ("outbox", "dead"), ("outbox", "unknown"))


def families(shot: Snapshot) -> Iterator[Metric]:
    yield InfoMetricFamily("gridbridge_build", "版本", value=dict(shot.build))
    yield from _process(shot)
    if shot.accounts:
        yield from _heard(shot.accounts)
        yield from _accounts(shot.accounts)
    if shot.handled is not None:
        done = {name: getattr(shot.handled, name) for name in ("done", "failed", "dead")}
        yield _counter("dispatch_rows", "办理过的消息，按结果", ("outcome",), _by(done, done))
        yield _histogram("handling_seconds", "一条消息从收下到办完用了多久", (), [((), shot.handled.time)])
    if shot.reminded is not None:
        rows = _by(_REMINDERS, shot.reminded)
        yield _counter(
            "reminders", "发过的提醒，按种类；list 是没把握的清单，stumbled 是看时限时出错的事", ("kind",), rows
        )
    if shot.seen is not None:
        yield from _queues(shot.seen, shot.now)
        yield from _cases(shot.seen)


# -- this process


def _process(shot: Snapshot) -> Iterator[Metric]:
    pulse = shot.pulse
    yield _gauge("ready", "/readyz 是不是 200", (), [((), shot.ready)])
    yield _gauge("warnings", "/readyz 里有几项要人看一看", (), [((), shot.warnings)])
    ages = [((name,), pulse.age(name)) for name in sorted(pulse.beats)]
    yield _gauge("loop_age_seconds", "各个循环多久没有转完一圈", ("loop",), ages)
    failures = [((name,), float(number)) for name, number in sorted(pulse.failures.items())]
    yield _counter("loop_failures", "各个循环出错几次", ("loop",), failures)
    if shot.disk is not None:
        yield _gauge("disk_free_bytes", "数据目录所在磁盘的剩余空间", (), [((), shot.disk.free)])
        yield _gauge("disk_size_bytes", "数据目录所在磁盘的大小", (), [((), shot.disk.size)])
    yield _gauge("database_up", "数据库是不是读得到也写得进", (), [((), shot.database_up)])


def _heard(accounts: Mapping[str, Account]) -> Iterator[Metric]:
    heard = {name: account.heard for name, account in accounts.items()}
    kinds = [((name, *labels), number) for name, one in heard.items() for labels, number in _by(_KINDS, one.kinds)]
    yield _counter("messages_received", "收到的消息和动作，按种类", ("account", "kind"), kinds)
    dropped = [((name,), one.dropped) for name, one in heard.items()]
    yield _counter("messages_dropped", "听过就忘的消息", ("account",), dropped)
    passed = [((name, *labels), number) for name, one in heard.items() for labels, number in _by(_REASONS, one.passed)]
    yield _counter("messages_passed", "听进去的消息，按缘由", ("account", "reason"), passed)
    away = [((name,), one.away) for name, one in heard.items()]
    yield _counter("messages_turned_away", "数据库收不下、请平台再送一次的消息", ("account",), away)
    outcomes = ("stored", "repeated", "parked", "refused")
    rows = [((name, outcome), getattr(one, outcome)) for name, one in heard.items() for outcome in outcomes]
    yield _counter("inbox_rows", "写进收件表的消息，按结果", ("account", "outcome"), rows)
    delays = [((name,), one.delay) for name, one in heard.items()]
    yield _histogram("message_delay_seconds", "听进去的消息从说出到收下隔了多久", ("account",), delays)


def _accounts(accounts: Mapping[str, Account]) -> Iterator[Metric]:
    sends = [
        ((name, outcome), getattr(account.outcomes, outcome))
        for name, account in accounts.items()
        for outcome in _OUTCOMES
    ]
    yield _counter("sends", "发送的结果", ("account", "outcome"), sends)
    states = [((name, state), account.state == state) for name, account in accounts.items() for state in ChannelState]
    yield _gauge("channel_state", "账号在这个进程里的状态，是哪个哪个为 1", ("account", "state"), states)
    tenures = {name: account.tenure for name, account in accounts.items()}
    held = [((name,), one.held) for name, one in tenures.items()]
    yield _gauge("lease_held", "账号是不是归这个进程", ("account",), held)
    taken = [((name,), one.taken) for name, one in tenures.items()]
    yield _counter("leases_taken", "账号归到这个进程几次", ("account",), taken)
    lost = [((name,), one.lost) for name, one in tenures.items()]
    yield _counter("leases_lost", "没交还就丢掉账号几次", ("account",), lost)


# -- the whole database


def _queues(seen: Seen, now: datetime) -> Iterator[Metric]:
    queues = seen.queues
    yield _gauge("inbox_waiting", "等着办的消息", (), [((), queues.waiting)])
    lag = _age(now, queues.since) if queues.since else 0.0
    yield _gauge("inbox_lag_seconds", "最早的一条等了多久", (), [((), lag)])
    labels = ("account", "priority", "state")
    posts = [((*_named(one), one.state), one.posts) for one in queues.outbox]
    yield _gauge("outbox_posts", "没发完的消息：due 该发了，retrying 发过没成，held 还没到时候", labels, posts)
    ages = [((*_named(one), one.state), _age(now, one.since)) for one in queues.outbox if one.state != "held"]
    yield _gauge("outbox_age_seconds", "最早的一条等了多久：due 从该发时算，retrying 从写下时算", labels, ages)
    dead = [(key, seen.counts.dead.get(key, 0)) for key in _DEAD]
    yield _gauge("dead_letters", "办不成、发不出（unknown：不知道到没到）而放下的", ("queue", "state"), dead)
    size = [((part,), number) for part, number in seen.counts.size.items()]
    yield _gauge("database_size_bytes", "数据库有多大；wal 是 SQLite 的预写日志", ("part",), size)


def _cases(seen: Seen) -> Iterator[Metric]:
    counts, emergencies = seen.counts, seen.emergencies
    yield _gauge("cases", "事件，按状态", ("state",), _by(State, counts.states))
    yield _gauge("cases_perhaps", "没把握、还没人认领的", (), [((), counts.perhapses)])
    yield _gauge("cases_overdue", "过了时限的事件，按哪一段时限", ("clock",), _by(STAGES, counts.overdue))
    yield _gauge("emergencies_unaccepted", "还没人受理的紧急事件", (), [((), emergencies.unaccepted)])
    yield _gauge("emergencies_unanswered", "几轮都叫过、仍没人受理的紧急事件", (), [((), emergencies.unanswered)])


# -- how a family is made


def _gauge(name: str, about: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = GaugeMetricFamily(f"gridbridge_{name}", about, labels=labels)
    for values, number in rows:
        family.add_metric(values, float(number))
    return family


def _counter(name: str, about: str, labels: Sequence[str], rows: Iterable[Row]) -> Metric:
    family = CounterMetricFamily(f"gridbridge_{name}", about, labels=labels)
    for values, number in rows:
        family.add_metric(values, float(number))
    return family


def _histogram(name: str, about: str, labels: Sequence[str], rows: Iterable[tuple[Sequence[str], Spread]]) -> Metric:
    family = HistogramMetricFamily(f"gridbridge_{name}", about, labels=labels)
    for values, spread in rows:
        bounds = (*map(str, spread.bounds), "+Inf")
        family.add_metric(values, list(zip(bounds, spread.within(), strict=True)), spread.sum)
    return family


def _by(names: Iterable[str], numbers: Mapping[str, int]) -> list[Row]:
    """One row for each of these names, and for what there is besides."""
    known = list(map(str, names))
    return [((name,), numbers.get(name, 0)) for name in dict.fromkeys([*known, *numbers])]


def _named(backlog: Backlog) -> tuple[str, str]:
    return backlog.account, _PRIORITIES.get(backlog.priority, str(backlog.priority))


def _age(now: datetime, since: datetime) -> float:
    return max(0.0, (now - since).total_seconds())
