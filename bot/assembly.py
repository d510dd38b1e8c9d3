"""The parts of one process, put together from a configuration. With app.py the only file that knows everybody."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.config import Config
from bot.errors import ConfigError
from bot.flow import retention
from bot.flow.acts import Ack, Acts
from bot.flow.audience import Finder
from bot.flow.book import Book
from bot.flow.counts import STUMBLED
from bot.flow.delivery import Delivery
from bot.flow.dispatch import Dispatch
from bot.flow.gate import Gate, Windows
from bot.flow.hands import Tools
from bot.flow.hearing import command_ear
from bot.flow.intake import Intake
from bot.flow.loops import Bell, Pulse
from bot.flow.manners import Night
from bot.flow.owner import Owner
from bot.flow.photo import PhotoLimits
from bot.flow.remind import Reminding
from bot.flow.render import Renderer
from bot.flow.rules import Rules
from bot.flow.setback import SetBack
from bot.flow.standing import sent_by_staff
from bot.flow.tell import Quiet, Teller
from bot.flow.terms import STANDARD, Terms
from bot.flow.timekeeping import Time, rules_of_time
from bot.flow.traces import Traces
from bot.flow.voices import Voices
from bot.model import Inbound
from bot.ports import Channel
from bot.talk.texts import Texts
from classifiers.rules import RuleError
from classifiers.verdict import Sensitivity
from storage import calendar as calendar_table
from storage.engine import Database

ACK_SECONDS = 3.0  # dispatch waits for it: a platform that hangs must not hold up what others have said
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def holder_name() -> str:
    """Who holds a lease: machine, process, and a mark of its own (two containers may both be process 1 of a host)."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Parts:
    """What a process runs; `owners` by account. `reminded`: of how many cases by kind, and how many lists."""

    config: Config
    db: Database
    book: Book
    rules: Rules
    time: Time
    teller: Teller
    dispatch: Dispatch
    reminding: Reminding
    owners: Mapping[str, Owner]
    intakes: Mapping[str, Intake]
    pulse: Pulse
    bells: Mapping[str, Bell]
    clock: Clock
    setback: SetBack
    reminded: Counter[str] = field(default_factory=Counter)

    async def refresh(self) -> None:
        """Re-read what somebody may have changed: directory, place names, calendar."""
        directory = await self.db.read(self.book.refresh)
        await self.rules.load(frozenset(directory.places()))
        self.time.refresh(self.clock().year, await self.db.read(calendar_table.days))

    async def remind(self) -> None:
        """One tick of the clocks and, at their times, of the lists."""
        directory, now = self.book.directory, self.clock()
        ticked = await self.db.run(lambda conn: self.reminding.tick(conn, directory, now))
        self.reminded.update(ticked.reminded)
        self.reminded[STUMBLED] += ticked.stumbled
        lists = await self.db.run(lambda conn: self.reminding.lists(conn, directory, now))
        self.reminded["list"] += lists
        if ticked.looked_at or lists:
            for bell in self.bells.values():
                bell.ring()

    async def housekeep(self) -> None:
        """Forget what nobody took up, and the traffic of last season."""
        await retention.forget(self.db, retention.steps(self.config.retention), self.clock())

    async def wipe(self) -> None:
        """What was forgotten leaves the disk for good: SQLite's log still holds its old pages until then."""
        await self.db.checkpoint()


async def assemble(
    config: Config,
    db: Database,
    channels: Iterable[Channel],
    *,
    clock: Clock = utc_now,
    holder: str = "",
    rules: Rules | None = None,
    terms: Terms = STANDARD,
) -> Parts:
    """Build everything over an open database. Raises ConfigError for rules or clocks that are wrong.

    `rules` that are loaded already may be shared by several assemblies; loading takes a moment.
    """
    accounts = {channel.account: channel for channel in channels}
    rules = rules or rules_of(config)
    book, pulse = Book(), Pulse()
    moments = Time(config, rules_of_time(config))
    bells = {"dispatch": Bell(), **{account: Bell() for account in accounts}}
    teller = _teller(config, rules, accounts)
    tools = Tools(lambda: moments.clocks, teller, lambda: _categories(rules), lambda code: _sensitivity(rules, code))
    dispatch = Dispatch(
        db,
        book,
        rules,
        Acts(tools, _acknowledger(accounts)),
        clock=clock,
        late=_late(config),
        bells=[bells[account] for account in accounts],
        terms=terms,
    )
    reminding = Reminding(
        teller, lambda: moments.clocks, tuple(time.fromisoformat(at) for at in config.manners.list_times)
    )
    doors = _Doors(config, db, book, rules, teller, pulse, bells, clock, holder or holder_name(), terms)
    intakes = {account: doors.intake(channel) for account, channel in accounts.items()}
    owners = {account: doors.owner(channel, intakes[account]) for account, channel in accounts.items()}
    parts = Parts(config, db, book, rules, moments, teller, dispatch, reminding, owners, intakes, pulse, bells, clock,
                  SetBack(db, clock))  # fmt: skip
    try:
        await parts.refresh()
    except RuleError as error:
        raise ConfigError(f"[classifier] rules：{error}") from error
    return parts


def rules_of(config: Config) -> Rules:
    """The rules of a configuration, not yet loaded."""
    settings = config.classifier
    return Rules(settings.rules, full_dictionary=settings.full_dictionary, max_text=config.limits.max_text)


def _categories(rules: Rules) -> tuple[tuple[str, str], ...]:
    return tuple((code, category.name) for code, category in rules.classifier.categories.items())


def _sensitivity(rules: Rules, code: str) -> str:
    found = rules.classifier.categories.get(code)
    return found.sensitive.value if found else Sensitivity.NONE.value


def _teller(config: Config, rules: Rules, accounts: Mapping[str, Channel]) -> Teller:
    manners, zone = config.manners, ZoneInfo(config.city.timezone)
    voices = Voices(
        Texts.load(),
        lambda code: found.name if (found := rules.classifier.categories.get(code)) else "",
        zone,
        config.city.grades,
        config.city.emergency_phones,
    )
    night = Night(time.fromisoformat(manners.night_start), time.fromisoformat(manners.night_end), zone)
    quiet = Quiet(night, timedelta(seconds=manners.card_wait_seconds), _late(config))
    return Teller(Finder(accounts), voices, quiet, accounts)


def _acknowledger(accounts: Mapping[str, Channel]) -> Ack:
    async def ack(inbound: Inbound, text: str) -> None:
        channel = accounts.get(inbound.account)
        if channel is not None:
            async with asyncio.timeout(min(ACK_SECONDS, channel.capabilities.send_timeout)):
                await channel.ack(inbound, text)

    return ack


@dataclass(frozen=True, slots=True)
class _Doors:
    """Makes what belongs to one account."""

    config: Config
    db: Database
    book: Book
    rules: Rules
    teller: Teller
    pulse: Pulse
    bells: Mapping[str, Bell]
    clock: Clock
    holder: str
    terms: Terms

    def windows(self) -> Windows:
        manners = self.config.manners
        return Windows(
            held=timedelta(seconds=manners.held_seconds),
            warm=timedelta(minutes=manners.warm_minutes),
            hot=timedelta(minutes=manners.hot_minutes),
            result_hot=timedelta(hours=manners.result_hot_hours),
        )

    def intake(self, channel: Channel) -> Intake:
        def staff(said: Inbound) -> bool:
            return sent_by_staff(self.book.directory, said)

        gate = Gate(
            anchor=self.rules.anchor,
            worth=lambda text, said: self.rules.worth(text, staff=staff(said)),
            command=command_ear(staff),
            staff=staff,
            windows=self.windows(),
        )
        return Intake(
            channel, gate, self.db, self.book, clock=self.clock, limits=photo_limits(self.config),
            max_text=self.config.limits.max_text, woken=self.bells["dispatch"],
        )  # fmt: skip

    def owner(self, channel: Channel, intake: Intake) -> Owner:
        directory = self.book
        delivery = Delivery(
            channel,
            self.db,
            Renderer(self.teller.voices, lambda: directory.directory, late=_late(self.config)),
            self.teller.quiet,
            clock=self.clock,
            posts_per_hour=self.config.manners.posts_per_hour,
            terms=self.terms,
        )
        traces = Traces(intake.gate, self.db, channel.account, clock=self.clock, windows=self.windows())
        return Owner(
            channel, intake, delivery, traces, self.db,
            holder=self.holder, clock=self.clock, bell=self.bells[channel.account], pulse=self.pulse,
            terms=self.terms,
        )  # fmt: skip


def _late(config: Config) -> timedelta:
    return timedelta(hours=config.manners.late_hours)


def photo_limits(config: Config) -> PhotoLimits:
    limits = config.limits
    return PhotoLimits(limits.max_photo_mb * 2**20, limits.max_photo_megapixels * 10**6, limits.photo_side)
