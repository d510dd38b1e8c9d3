"""How this process is doing, for /healthz, /readyz and /metrics; docs/operations.md says it to operators.

/healthz is 503 where only a restart helps: a loop hangs. /readyz is 503 where this process cannot do what it was
started for, so that others should be asked instead. What is merely slow or full, or broken for one account of several,
is a warning: to pass over this process would make it worse.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.assembly import Parts
from bot.away import told, why
from bot.installed import version_of
from bot.model import Priority
from bot.ports import Channel, ChannelState
from bot.web.health import Check
from bot.web.sight import Sight
from bot.web.snapshot import Account, Disk, Seen, Snapshot
from storage.errors import Unavailable
from storage.gauges import Queues

SLOW_INBOX = 60.0  # seconds
SLOW_OUTBOX = 300.0  # seconds, for what cannot wait
CANNOT_WAIT = frozenset({Priority.EMERGENCY, Priority.RESULT})
LITTLE_SPACE = 2**30  # bytes
MUCH_LOG = 2**28  # bytes; SQLite begins anew at 4 MB unless somebody reads, and a large import needs some tens of them
_SCHEMAS = {
    "current": "",
    "newer": "更新版本的网格桥升级过数据库，这个进程还能用，请尽快升级",
    "too_new": "更新版本的网格桥升级过数据库，这个进程不能再用，请升级后重新启动",
}


@dataclass(frozen=True, slots=True)
class Look:
    """What the database says of itself."""

    queues: Queues
    schema: str
    log_size: int | None


class Monitor:
    """`fresh`: seconds for which an answer of the database is kept at least."""

    def __init__(
        self, parts: Parts, channels: Mapping[str, Channel], only: Sequence[str], *, fresh: float = 1.0
    ) -> None:
        self._parts, self._only = parts, only
        # Accounts are the concern of a process that runs channels; elsewhere nothing is to be said of them.
        self._channels = channels if "channels" in only else {}
        self._sight = Sight(parts.db, parts.time.book, parts.clock, fresh=fresh)
        self._stop: asyncio.Event | None = None

    def begin(self, stop: asyncio.Event) -> None:
        """The process works from now on, until `stop`."""
        self._stop = stop

    # -- bot.web.health

    def alive(self) -> list[Check]:
        pulse = self._parts.pulse
        return [
            Check(name, round(pulse.age(name), 1), not pulse.hangs(name), told(pulse.trouble.get(name, "")))
            for name in sorted(pulse.beats)
        ]

    async def ready(self) -> list[Check]:
        return self._checks(await self._look())

    # -- bot.web.metrics

    async def snapshot(self) -> Snapshot:
        parts, look = self._parts, await self._look()
        checks = self._checks(look)
        return Snapshot(
            now=parts.clock(),
            build={
                "version": version_of() or "unknown",
                "python": platform.python_version(),
                "database": parts.db.dialect,
            },
            pulse=parts.pulse,
            ready=all(check.ok for check in checks),
            warnings=sum(check.warn for check in checks),
            disk=self._disk(),
            database_up=all(check.ok for check in checks if check.name == "database"),
            accounts={channel.account: self._account(channel) for channel in self._channels.values()},
            handled=parts.dispatch.handled if "dispatch" in self._only else None,
            reminded=parts.reminded if "schedule" in self._only else None,
            seen=None if isinstance(look, Unavailable) else await self._seen(),
        )

    async def _seen(self) -> Seen | None:
        try:
            return await self._sight.all()
        except Unavailable:
            return None

    def _account(self, channel: Channel) -> Account:
        owner, intake = self._parts.owners[channel.account], self._parts.intakes[channel.account]
        return Account(channel.status.state.value, intake.heard, owner.delivery.outcomes, owner.tenure)

    # -- what is looked at

    async def _look(self) -> Look | Unavailable:
        try:
            return Look(await self._sight.queues(), await self._sight.schema(), await self._sight.log_size())
        except Unavailable as away:
            return away

    def _checks(self, look: Look | Unavailable) -> list[Check]:
        if isinstance(look, Unavailable):
            found = [_away(look)]
        else:
            found = [self._database(), _schema(look.schema), *self._queues(look.queues)]
            found += [] if look.log_size is None else [_log(look.log_size)]
        return [self._phase(), *self._accounts(), *self._loops(), *found, self._space()]

    def _phase(self) -> Check:
        if self._stop is None:
            return Check("process", "starting", ok=False)
        stopping = self._stop.is_set()
        return Check("process", "stopping" if stopping else "running", ok=not stopping)

    def _accounts(self) -> Iterator[Check]:
        """One that failed among others harms no other; one that another process holds is no fault of this one."""
        failed = {name for name, one in self._channels.items() if one.status.state is ChannelState.FAILED}
        none_left = len(failed) == len(self._channels)
        for name, channel in self._channels.items():
            status, down = channel.status, name in failed
            yield Check(
                name,
                status.state.value,
                ok=not (down and none_left),
                detail=status.reason,
                warn=down and not none_left,
            )

    def _loops(self) -> Iterator[Check]:
        """Those of which there is something to say."""
        pulse = self._parts.pulse
        for name in sorted(pulse.beats):
            if pulse.hangs(name):
                yield Check(name, "hangs", ok=False, detail=f"{pulse.age(name):.0f} 秒没有转完一圈")
            elif name in pulse.trouble:
                yield Check(name, "fails", ok=True, detail=told(pulse.trouble[name]), warn=True)

    def _database(self) -> Check:
        """It can be read; the loops know whether it can be written: a full disk or a lock stops only that."""
        for reason in self._parts.pulse.outage.reasons.values():
            return _away(reason)
        return Check("database", self._parts.db.dialect, ok=True)

    def _space(self) -> Check:
        disk, folder = self._disk(), self._parts.config.data_dir
        if disk is None:
            return Check("disk", "gone", ok=True, detail=f"数据文件夹 {folder} 不见了，请放回原处", warn=True)
        return _free(disk)

    def _queues(self, queues: Queues) -> Iterator[Check]:
        now = self._parts.clock()
        lag = _age(now, queues.since)
        said = f"{queues.waiting} 条等着办，最久的等了 {lag:.0f} 秒"
        yield Check("inbox", queues.waiting, ok=True, detail=said, warn=lag > SLOW_INBOX)
        pressing = [one.since for one in queues.outbox if one.state != "held" and one.priority in CANNOT_WAIT]
        age = _age(now, min(pressing, default=None))
        waiting = sum(one.posts for one in queues.outbox)
        said = f"{waiting} 条没发完，结果和急事里最久的等了 {age:.0f} 秒"
        yield Check("outbox", waiting, ok=True, detail=said, warn=age > SLOW_OUTBOX)

    def _disk(self) -> Disk | None:
        """None: the folder is gone."""
        try:
            found = shutil.disk_usage(self._parts.config.data_dir)
        except OSError:
            return None
        return Disk(found.free, found.total)


def _away(away: Unavailable | str) -> Check:
    return Check("database", "away", ok=False, detail=f"数据库{why(away)}")


def _schema(standing: str) -> Check:
    return Check("schema", standing, ok=standing != "too_new", detail=_SCHEMAS[standing], warn=standing == "newer")


def _log(size: int) -> Check:
    megabytes = size // 2**20
    said = f"预写日志有 {megabytes} MB"
    if size <= MUCH_LOG:
        return Check("wal", megabytes, ok=True, detail=said)
    return Check("wal", megabytes, ok=True, detail=f"{said}，有别的程序一直在读数据库，请关掉它", warn=True)


def _free(disk: Disk) -> Check:
    free = disk.free // 2**20
    return Check("disk", free, ok=True, detail=f"还剩 {free} MB", warn=disk.free < LITTLE_SPACE)


def _age(now: datetime, since: datetime | None) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0
