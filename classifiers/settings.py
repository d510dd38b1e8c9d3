"""The general figures of the rules: thresholds, how points are summed, what the shape of a message is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from classifiers.rulefile import RuleError, Table

# What a message shows beyond its words, see structure.py.
STRUCTURE: Final = (
    *("place", "duration", "night", "question", "urging", "mention", "long"),
    *("curt", "asked", "perhaps", "headline", "you", "away", "mood", "invite"),
    *("worker", "phone", "price", "numbered", "fixed", "instruct", "news", "past", "laugh", "thanks", "staffcall"),
)
_PARTS: Final = ("shares", "confidence", "structure")
_SHARES: Final = ("topic", "topic_cap", "appeal", "intent", "cap")


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of each kind of points counts in the sum; points are cut to a cap before."""

    topic: float
    topic_cap: float
    appeal: float
    intent: float
    cap: float


@dataclass(frozen=True, slots=True)
class Settings:
    """How likely a tier must be, how points are summed, the curve to likelihood; each is told in settings.toml."""

    card: float
    emergency: float
    list: float
    base: float
    slope: float
    middle: float
    caution: float
    shares: Shares
    structure: Mapping[str, float]
    clear_weight: float
    curt_length: float
    danger: float
    vague: float


def read_settings(tables: Sequence[Table]) -> Settings:
    """Read the one `[settings]` among the files. Raises RuleError."""
    parts = [table.sub("settings", table.data["settings"]) for table in tables if "settings" in table.data]
    if len(parts) != 1:
        raise RuleError("settings.toml", "[settings]", f"出现了 {len(parts)} 次", "只在 settings.toml 里写一次")
    part = parts[0]
    part.only(("card", "emergency", "vague", "list", "base", "clear_weight", "curt_length", "danger", *_PARTS))
    curve = _numbers(part, "confidence", ("slope", "middle"), more={"caution": 1.0})
    return Settings(
        card=_chance(part, "card"),
        emergency=_chance(part, "emergency"),
        list=_chance(part, "list"),
        base=part.number("base", 0.0),
        slope=curve["slope"],
        middle=curve["middle"],
        caution=curve["caution"],
        shares=Shares(**_numbers(part, "shares", _SHARES)),
        structure=_numbers(part, "structure", STRUCTURE, missing=0.0),
        clear_weight=part.number("clear_weight", 5.0),
        curt_length=part.number("curt_length", 30.0),
        danger=part.number("danger", 0.0),
        vague=_chance(part, "vague" if "vague" in part.data else "card"),
    )


def _chance(table: Table, key: str) -> float:
    value = table.number(key)
    if not 0 < value < 1:
        raise table.error(key, f"{value:g} 不是把握", "请写 0 到 1 之间的数，例如 0.9")
    return value


def _numbers(
    table: Table,
    key: str,
    names: tuple[str, ...],
    missing: float | None = None,
    more: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return the numbers of a table. `more`: names that may be left out, with what holds then."""
    part = table.sub(key, table.data.get(key, {}))
    optional = more or {}
    part.only((*names, *optional))
    told = {name: part.number(name, missing) for name in names}
    return told | {name: part.number(name, value) for name, value in optional.items()}
