"""What turns a case into words for the operator: names of areas, people and categories, and the city's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from bot.cases.directory import Directory
from bot.cases.duty import responsible
from bot.cases.states import OPEN, State
from bot.cli.days import told
from bot.config import Config
from bot.errors import ConfigError
from bot.talk.texts import Texts
from classifiers.rules import RuleError, load_rules
from storage import directory
from storage.engine import Database
from storage.records import CaseRow

_LEVELS = ("town", "village", "grid")


@dataclass(frozen=True)
class Book:
    """`now` decides what is overdue and who is on duty."""

    config: Config
    directory: Directory
    texts: Texts
    zone: ZoneInfo
    now: datetime

    @classmethod
    async def open(cls, config: Config, db: Database, now: datetime) -> Book:
        found = Directory.of(await db.read(directory.load))
        return cls(config, found, Texts.load(), ZoneInfo(config.city.timezone), now)

    @cached_property
    def categories(self) -> dict[str, str]:
        """Code -> name; read when first asked for, it takes a moment. Raises ConfigError when a rule file is wrong."""
        try:
            rules = load_rules(self.config.classifier.rules)
        except RuleError as error:
            raise ConfigError(f"分类规则有误：{error}") from error
        return {code: category.name for code, category in rules.categories.items()}

    def moment(self, at: datetime | None) -> str:
        """Empty where there is none."""
        return told(at, self.zone) if at else ""

    def iso(self, at: datetime | None) -> str | None:
        """For programs."""
        return at.astimezone(self.zone).isoformat() if at else None

    def category(self, code: str) -> str:
        return self.categories.get(code, code)

    def areas(self, area_id: int | None) -> dict[str, str]:
        """The names of town, village and grid an area lies in, as far as there are any."""
        rows = [self.directory.areas[ident] for ident in self.directory.ancestors(area_id)]
        named = {row.level: row.name for row in rows}
        return {level: named.get(level, "") for level in _LEVELS}

    def worker(self, case: CaseRow) -> str:
        """Who accepted it, else who is on duty for it while it is open."""
        if case.worker_id is not None or State(case.state) not in OPEN:
            return self.directory.name_of(case.worker_id)
        people = responsible(self.directory, case, self.now)
        return "、".join(filter(None, (self.directory.name_of(person) for person in people)))

    def unit(self, case: CaseRow) -> str:
        unit = self.directory.unit(case.unit_id)
        return unit.name if unit else ""

    def grade(self, number: int) -> str:
        grades = self.config.city.grades
        return grades[number - 1] if 1 <= number <= len(grades) else str(number)

    def is_overdue(self, case: CaseRow) -> bool:
        """As `storage.casebook.Wanted.overdue_at` asks for it."""
        return (
            State(case.state) in OPEN and case.paused_at is None and case.due_at is not None and case.due_at < self.now
        )
