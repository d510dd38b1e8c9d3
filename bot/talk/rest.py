"""What each verb reads in the words behind it: a reason, days, pass or fail. None: with these words it is talk."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from bot.talk.command import Command
from bot.talk.numbers import take_days, take_until
from bot.talk.verbs import SOFT_WORDS, Verb

Fill = Callable[[Command, str, str], Command | None]


def as_is(command: Command, word: str, rest: str) -> Command | None:
    return command


def _never(command: Command, word: str, rest: str) -> Command | None:
    """Read elsewhere (changes.py): what did not fit there is no command."""
    return None


def _fill_accept(command: Command, word: str, rest: str) -> Command | None:
    short = 0 < len(rest) <= 8 and word not in SOFT_WORDS
    return replace(command, category=command.text) if short else command


def _fill_days(command: Command, word: str, rest: str) -> Command | None:
    until, _ = take_until(rest)
    days = None if until else take_days(rest)[0]
    take = take_until if until else take_days
    typed, plain = take(command.text)[1], take(rest)[1]
    return replace(command, days=days, until=until, text=typed if typed != command.text else plain)


_PASS: Final = re.compile(r"(?:核查)?(?:通过|合格|没问题|属实|已解决)[\s,，。]*")
_FAIL: Final = re.compile(r"(?:不通过|没通过|不合格|返工|没(?:有)?(?:修|弄|解决|处理)?好)[\s:,，。]*")


def _fill_verify(command: Command, word: str, rest: str) -> Command | None:
    if word in SOFT_WORDS:
        return replace(command, passed=word == "通过")
    failed, passed = _FAIL.match(rest), _PASS.match(rest)
    if failed:
        named = failed[0].strip().startswith(("不", "没通过", "返工"))
        return replace(command, passed=False, text=command.text[failed.end() :].strip() if named else command.text)
    if passed:
        return replace(command, passed=True, text=command.text[passed.end() :].strip())
    return command if not rest else None


_QUIET_END: Final = re.compile(r"[\s,，;；(（]*不(?:用)?发群[)）]?$")


def _fill_close(command: Command, word: str, rest: str) -> Command | None:
    text = _QUIET_END.sub("", command.text)
    return replace(command, text=text, quiet=text != command.text)


def _fill_alone(command: Command, word: str, rest: str) -> Command | None:
    """These take no words: more behind them means talk."""
    return None if rest else command


FILL: Final[dict[Verb, Fill]] = {
    Verb.ACCEPT: _fill_accept,
    Verb.SUSPEND: _fill_days,
    Verb.EXTEND: _fill_days,
    Verb.VERIFY: _fill_verify,
    Verb.CLOSE: _fill_close,
    Verb.RESOLVE: _fill_close,
    Verb.QUERY: _fill_alone,
    Verb.DETAIL: _fill_alone,
    Verb.CLAIM: _fill_alone,
    Verb.POSTED: _fill_alone,
    Verb.QUIET: _fill_alone,
    Verb.CORRECT: _never,
    Verb.WITHDRAW: as_is,
}
