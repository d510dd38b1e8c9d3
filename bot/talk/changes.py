"""Commands that name a second case or a field: 「并 131 到 128」, 「改 128 地点 3号楼北侧」."""

from __future__ import annotations

import re
from typing import Final

from bot.talk.command import Command
from bot.talk.line import Line
from bot.talk.numbers import CASE_NUMBER, case_numbers
from bot.talk.verbs import NAMED_FIELDS, Verb

_INTO: Final = r"(?:合并到|并案到|并到|并入|到|入|进|至|->|并)"
_MERGE: Final = re.compile(
    rf"(?:并案|合并|并)\s?({CASE_NUMBER})\s?{_INTO}\s?({CASE_NUMBER})|({CASE_NUMBER})\s?{_INTO}\s?({CASE_NUMBER})"
)
_MERGE_QUOTED: Final = re.compile(rf"(?:合并到|并案到|并到|并入|并)\s?({CASE_NUMBER})")
_FIELD: Final = rf"({'|'.join(sorted(NAMED_FIELDS, key=len, reverse=True))})"
_CORRECT: Final = re.compile(
    rf"(?:(?:更正|修改|改)\s?({CASE_NUMBER})?|({CASE_NUMBER})\s?(?:更正|修改|改))[\s:]?{_FIELD}[\s:]?(?:改?[为成]|是)?[\s:]*"
)


def merges(line: Line) -> Command | None:
    found = _MERGE.fullmatch(line.plain)
    if found:
        case_id = case_numbers(found[1] or found[3]).values
        target = case_numbers(found[2] or found[4]).values
        starts_with_verb = found[1] is not None
        if not (case_id and target) or not (starts_with_verb or "并" in line.plain):
            return None
        return Command(verb=Verb.MERGE, numbers=case_id, target=target[0])
    found = _MERGE_QUOTED.fullmatch(line.plain) if line.quoted in {"card", "report"} else None
    target = case_numbers(found[1]).values if found else ()
    return Command(verb=Verb.MERGE, target=target[0]) if target else None


def corrects(line: Line) -> Command | None:
    found = _CORRECT.match(line.plain)
    if found is None:
        return None
    numbers = case_numbers(found[1] or found[2] or "").values
    if not numbers and line.quoted not in {"card", "report"}:
        return None
    value = line.after(found.end()) or ("紧急" if found[3] == "紧急" else "")
    if not value and not numbers:
        return None
    return Command(verb=Verb.CORRECT, numbers=numbers, field=NAMED_FIELDS[found[3]], value=value)
