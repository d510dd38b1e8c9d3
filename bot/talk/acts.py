"""Acts on cases by verb and number, by position in a list, or under a quote."""

from __future__ import annotations

import re
from typing import Final

from bot.talk.command import Command
from bot.talk.line import OURS, Line
from bot.talk.numbers import CASE_NUMBERS, case_numbers
from bot.talk.rest import FILL, as_is
from bot.talk.verbs import CASE_WORDS, SOFT_WORDS, Verb

_WORDS: Final = "|".join(re.escape(word) for word in sorted(CASE_WORDS, key=len, reverse=True))
_SOFT: Final = "|".join(re.escape(word) for word in sorted(SOFT_WORDS, key=len, reverse=True))
_GAP: Final = r"[\s:,，、。.]*"
_VERB_NUMBER: Final = re.compile(rf"({_WORDS}|{_SOFT})[\s:]*({CASE_NUMBERS}){_GAP}")
_NUMBER_VERB: Final = re.compile(rf"({CASE_NUMBERS})\s?({_WORDS}|{_SOFT})(?:{_GAP})")
_QUOTED_VERB: Final = re.compile(rf"({_WORDS}|{_SOFT})({_GAP})")
_LOOSE: Final = frozenset(["派", "改", "查", "安排", "收到", "完成", "发布", "恢复", "通过", "确认", "核查", "修改"])
# Behind the word these make it a question, a refusal or a plan.
_TURNED: Final = re.compile(
    r"^(?:一下|不[了到成动]|没|吗|么|嘛|呢|\?|多少|以后|之后|后|率|单(?!位)|人(?:去|来|员|手|了)|车|个)|没$"
)
_QUESTION_END: Final = re.compile(r"(?:吗|么|呢|\?)$")
_DATED: Final = re.compile(r"(?:[12]?[0-9]|3[01])号")
_NEVER_BY_POSITION: Final = frozenset({Verb.QUERY, Verb.CORRECT, Verb.MERGE, Verb.QUIET, Verb.POSTED, Verb.UNMERGE})


def verb_first(line: Line) -> Command | None:
    """「确认 128 下水道」, 「派128供电所」."""
    found = _VERB_NUMBER.match(line.plain)
    if found is None:
        return None
    numbers = case_numbers(found[2])
    if not numbers.values or not _may_number(found[1], line, marked=numbers.marked):
        return None
    return _command(line, found[1], found.end(), numbers=numbers.values)


def _may_number(word: str, line: Line, *, marked: bool) -> bool:
    """「收到」 never acts on a number; 「好了 128」 does, 「完成 3」 is talk."""
    if word in CASE_WORDS:
        return True
    verb = SOFT_WORDS[word]
    return line.staff and (verb is Verb.VERIFY or (verb is Verb.CLOSE and marked))


def number_first(line: Line) -> Command | None:
    """「128确认」, 「№128 好了」, 「1、3 确认」."""
    found = _NUMBER_VERB.match(line.plain)
    if found is None or (not line.staff and line.quoted not in OURS and not line.private):
        return _resident_number(found, line) if found else None
    numbers = case_numbers(found[1])
    rest = line.plain[found.end() :]
    joined = rest and line.plain[found.end() - 1] not in " :,，、。."
    if not numbers.values or SOFT_WORDS.get(found[2]) is Verb.ACCEPT:
        return None
    if joined and (_DATED.fullmatch(found[1]) or (len(found[2]) == 1 and not numbers.marked)):
        return None
    if numbers.marked:
        return _command(line, found[2], found.end(), numbers=numbers.values)
    if _verb_of(found[2]) in _NEVER_BY_POSITION:
        return None
    return _command(line, found[2], found.end(), positions=numbers.values)


def _resident_number(found: re.Match[str], line: Line) -> Command | None:
    """「128 查询」, 「№128 撤回」 of a resident in the group: nothing else behind it."""
    numbers = case_numbers(found[1])
    if found.end() != len(line.plain) or not numbers.marked:
        return None
    return _command(line, found[2], found.end(), numbers=numbers.values)


def by_quote(line: Line) -> Command | None:
    """Quote and verb: 「确认」, 「派 供电所」, 「好了 换了灯泡」."""
    if line.quoted not in {"card", "report", "result", "menu"}:
        return _bare(line)
    found = _QUOTED_VERB.match(line.plain)
    if found is None or (found[1] in SOFT_WORDS and not _soft_here(found[1], line)):
        return None
    rest, separated = line.plain[found.end() :], bool(found[2])
    tight = found[1] in _LOOSE or line.quoted != "card"
    if rest and not separated and tight and not (_verb_of(found[1]) is Verb.DISPATCH and len(rest) <= 12):
        return None
    return _command(line, found[1], found.end())


def _soft_here(word: str, line: Line) -> bool:
    """Everyday words act on a card or a report; 「收到」 under a result or a list is politeness."""
    verb = SOFT_WORDS[word]
    if verb is Verb.CLOSE:
        return line.staff and line.quoted in {"card", "report", "menu"}
    return line.staff and line.quoted in {"card", "report"}


def _bare(line: Line) -> Command | None:
    """One word alone, of staff or in private: `dialogue` finds out which case, if there is only one."""
    if line.quoted in {"none", "bot"} and line.plain in CASE_WORDS and (line.staff or line.private):
        verb = CASE_WORDS[line.plain]
        return Command(verb=Verb.UNDO if verb is Verb.WITHDRAW and line.staff else verb)
    return None


def _turned(word: str, rest: str, *, numbered: bool) -> bool:
    """Behind a number a reason may begin with anything (「退回 128 人手不够」), but a question is never an act."""
    if _QUESTION_END.search(rest):
        return True
    return not ((numbered and word in CASE_WORDS) or _verb_of(word) is Verb.VERIFY) and _TURNED.search(rest) is not None


def _verb_of(word: str) -> Verb:
    return CASE_WORDS.get(word) or SOFT_WORDS[word]


def _command(
    line: Line, word: str, end: int, *, numbers: tuple[int, ...] = (), positions: tuple[int, ...] = ()
) -> Command | None:
    verb, rest = _verb_of(word), line.after(end)
    if _turned(word, line.plain[end:].strip(), numbered=bool(numbers)):
        return None
    if not line.staff and not line.private and rest and line.quoted not in OURS:
        return None
    bare = Command(verb=verb, numbers=numbers, positions=positions, text=rest)
    return FILL.get(verb, as_is)(bare, word, line.plain[end:].strip())
