"""What a check says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import ConfigError

_REMEDY = re.compile(r"，(?=请|是不是想写|可以写的有|例如|只能有)")


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"  # it runs, but somebody should look at it
    FAIL = "fail"  # it will not run, or not do its work


@dataclass(frozen=True, slots=True)
class Finding:
    """`name`: what was looked at; `text`: what was seen; `remedy`: what to do, empty when all is well."""

    name: str
    level: Level
    text: str
    remedy: str = ""


def ok(name: str, text: str) -> Finding:
    return Finding(name, Level.OK, text)


def warn(name: str, text: str, remedy: str) -> Finding:
    return Finding(name, Level.WARN, text, remedy)


def fail(name: str, text: str, remedy: str) -> Finding:
    return Finding(name, Level.FAIL, text, remedy)


def refused(name: str, error: ConfigError) -> Finding:
    """A refusal, its sentence cut where the remedy begins."""
    text, *remedy = _REMEDY.split(str(error), maxsplit=1)
    return fail(name, text, *remedy or ("请照 config.example.toml 改正",))
