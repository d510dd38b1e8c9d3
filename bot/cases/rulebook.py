"""clocks.toml as typed rules: which kind of case a category is, its limits, and the other numbers of the domain."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources
from typing import Any, Final

from bot.cases.limits import Limit
from bot.errors import ConfigError

STAGES: Final = ("accept", "resolve", "verify")
_FLAGS: Final = ("always", "escalate")


@dataclass(frozen=True, slots=True)
class ClockKind:
    """`always`: its reminders do not wait for office hours. `escalate`: called up the levels until somebody accepts."""

    name: str
    limits: Mapping[str, Limit]
    always: bool = False
    escalate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The comments of clocks.toml say what each number means."""

    kinds: Mapping[str, ClockKind]
    categories: Mapping[str, str]
    urgent_kind: str
    urgent_keeps: frozenset[str]
    default: str
    needs_photo: frozenset[str]
    extension_days: int
    extension_days_of: Mapping[str, int]
    answer_days: int
    return_days: int
    return_part: Fraction
    reopen_days: int
    repeat_days: int
    undo_minutes: int
    yellow_days: int
    yellow_part: Fraction
    rounds: int
    round_minutes: int
    bad_grades: int
    grades: tuple[str, ...]

    def kind_of(self, category: str, urgency: str) -> ClockKind:
        usual = _by_category(self.categories, category) or self.default
        if urgency == "emergency":
            return self.kinds["emergency"]
        if urgency == "urgent" and usual not in self.urgent_keeps:
            return self.kinds[self.urgent_kind]
        return self.kinds[usual]

    def photo_needed(self, category: str) -> bool:
        return category in self.needs_photo or _family(category) in self.needs_photo

    def extension_limit(self, category: str) -> int:
        """Working days one case may be extended by, all extensions together."""
        found = _by_category(self.extension_days_of, category)
        return self.extension_days if found is None else found

    def is_bad(self, grade: int) -> bool:
        return grade > len(self.grades) - self.bad_grades


def load(overrides: Mapping[str, Any] | None = None) -> Rulebook:
    """The shipped table with the configuration's changes on top. Raises ConfigError with key and remedy."""
    shipped = tomllib.loads(resources.files("bot.cases").joinpath("clocks.toml").read_text("utf-8"))
    table = _merged(shipped, overrides or {}, "clocks")
    kinds = {name: _kind(name, kind) for name, kind in table.pop("kinds").items()}
    urgent = table.pop("urgent")
    for part in ("yellow_part", "return_part"):
        table[part] = Fraction(str(table[part]))
    book = Rulebook(
        kinds=kinds, urgent_kind=urgent["kind"], urgent_keeps=frozenset(urgent["keeps"]),
        needs_photo=frozenset(table.pop("needs_photo")), grades=tuple(table.pop("grades")), **table,
    )  # fmt: skip
    _check(book)
    return book


_OPEN_TABLES: Final = frozenset({"clocks.categories", "clocks.kinds", "clocks.extension_days_of"})


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any], where: str) -> dict[str, Any]:
    """New keys only where a table lists names; everywhere else an unknown key is a mistake."""
    merged = dict(base)
    for key, value in changes.items():
        path = f"{where}.{key}"
        if key not in base and where not in _OPEN_TABLES:
            raise ConfigError(f"[{where}] 没有“{key}”这一项，请对照 clocks.toml 改正")
        old = base.get(key)
        if old is not None and not _alike(old, value):
            raise ConfigError(f"{path} 的写法不对，请照 clocks.toml 里的样子写")
        nested = isinstance(old, Mapping) and not _is_limit(path)
        merged[key] = _merged(old or {}, value, path) if nested else value
    return merged


def _is_limit(path: str) -> bool:
    """A limit is replaced as a whole: `{ hours = 2 }` does not keep the minutes of the shipped one."""
    return path.startswith("clocks.kinds.") and path.rpartition(".")[2] in STAGES


def _alike(old: object, new: object) -> bool:
    if isinstance(old, int | float) and not isinstance(old, bool):
        return isinstance(new, int | float) and not isinstance(new, bool) and new >= 0
    return isinstance(new, type(old))


def _kind(name: str, table: Mapping[str, Any]) -> ClockKind:
    where = f"clocks.kinds.{name}"
    if not isinstance(table, Mapping) or table.keys() - {*STAGES, *_FLAGS}:
        raise ConfigError(f"[{where}] 只能有 {'、'.join((*STAGES, *_FLAGS))}，请去掉别的项")
    limits = {stage: _limit(f"{where}.{stage}", table[stage]) for stage in STAGES if stage in table}
    return ClockKind(name, limits, **{flag: bool(table.get(flag, False)) for flag in _FLAGS})


def _limit(where: str, value: object) -> Limit:
    try:
        return Limit.parse(value if isinstance(value, Mapping) else {})
    except ValueError as error:
        units = "minutes、hours、office_hours 或 working_days"
        raise ConfigError(f"{where}：时限要写成 {{ hours = 2 }} 这样，单位用 {units}") from error


def _check(book: Rulebook) -> None:
    named = {*book.categories.values(), book.default, book.urgent_kind, *book.urgent_keeps, "emergency"}
    if unknown := sorted(named - book.kinds.keys()):
        raise ConfigError(f"[clocks] 用到了没有定义的时限“{unknown[0]}”，请在 [clocks.kinds] 里补上")


def _by_category(table: Mapping[str, Any], category: str) -> Any:
    return table.get(category, table.get(_family(category)))


def _family(category: str) -> str:
    return category.partition(".")[0]
