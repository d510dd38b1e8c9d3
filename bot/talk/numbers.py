"""Numbers, spans and dates as they stand in commands. All patterns expect text that went through `normalize`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_DIGITS: Final = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_SMALL: Final = r"(?:[0-9]{1,4}|[零〇一二两三四五六七八九十]{1,3})"
# Behind these a number counts something else than cases.
_UNITS: Final = "楼栋幢座层室户组队排个人名位次回天日月年周点时分秒块元毛斤米平度条辆台只袋箱瓶张份%:/~-"
_MEASURE: Final = rf"(?!\d)(?!(?:[{_UNITS}]|单元|工作日))(?!\s(?:[个位名份]|单元|号楼|人[去来]))"
_NOT_A_CASE: Final = r"(?![楼院线门店房桌车栋井梯厅机路街坑地仓库前之早晚上下中开])"
CASE_NUMBER: Final = rf"(?:(?:no\.?|#|编号[:：]?)\s?)?[0-9]{{1,7}}(?:号{_NOT_A_CASE}|{_MEASURE}(?!号))"
CASE_NUMBERS: Final = rf"{CASE_NUMBER}(?:\s?[、,，;和及]\s?{CASE_NUMBER}|\s{CASE_NUMBER})*"
_ONE: Final = re.compile(r"(no\.?|#|编号[:：]?)?\s?([0-9]{1,7})(号)?")
_SPAN: Final = re.compile(rf"({_SMALL})\s?(?:个)?(工作日|天|日(?!常)|周|星期|礼拜)")
_UNTIL: Final = re.compile(rf"(?:到|至)\s?({_SMALL})\s?月\s?({_SMALL})\s?[日号]")
_MONTH: Final = re.compile(rf"(?:([0-9]{{4}})\s?年)?\s?({_SMALL})\s?月份?")
_WEEKS: Final = frozenset({"周", "星期", "礼拜"})
_SMALLEST_SURE: Final = 100  # a bare number below it, before the verb, is a position in a list


@dataclass(frozen=True, slots=True)
class Numbers:
    """`marked`: written as №128, #128 or 128号, or too large for a position."""

    values: tuple[int, ...]
    marked: bool


def case_numbers(words: str) -> Numbers:
    """Read what CASE_NUMBERS matched; zero is no case."""
    found = [(mark or suffix, int(digits)) for mark, digits, suffix in _ONE.findall(words)]
    values = tuple(dict.fromkeys(value for _, value in found if value > 0))
    return Numbers(values, any(mark for mark, _ in found) or any(value >= _SMALLEST_SURE for value in values))


def to_int(words: str) -> int | None:
    """「三」, 「十五」, 「二十」, "12"; None for anything else."""
    if words.isascii() and words.isdigit():
        return int(words)
    tens, has_ten, ones = words.partition("十")
    if not has_ten:
        return _DIGITS.get(words)
    high = _DIGITS.get(tens, 1 if not tens else None)
    low = _DIGITS.get(ones, 0 if not ones else None)
    return None if high is None or low is None else high * 10 + low


def take_days(words: str) -> tuple[int | None, str]:
    """The first span in days and the rest of the words: 「3天 等配件」 -> (3, 「等配件」). A week is seven days."""
    found = _SPAN.search(words)
    days = to_int(found[1]) if found else None
    if found is None or not days:
        return None, words
    days *= 7 if found[2] in _WEEKS else 1
    return days, cut(words, found)


def take_until(words: str) -> tuple[tuple[int, int] | None, str]:
    """「到10月8日 等配件」 -> ((10, 8), 「等配件」); a date no calendar has is no date."""
    found = _UNTIL.search(words)
    if found is None:
        return None, words
    month, day = to_int(found[1]), to_int(found[2])
    if month is None or day is None or not (1 <= month <= 12 and 1 <= day <= 31):
        return None, words
    return (month, day), cut(words, found)


def month_of(words: str) -> tuple[int | None, int | None]:
    """(year, month) of 「10月」, 「十月」, 「2026年10月」; (None, None) where there is none."""
    found = _MONTH.fullmatch(words.strip())
    month = to_int(found[2]) if found else None
    if found is None or month is None or not 1 <= month <= 12:
        return None, None
    return (int(found[1]) if found[1] else None), month


def cut(words: str, found: re.Match[str]) -> str:
    """The words without the match and the separators around it."""
    return f"{words[: found.start()].strip(' ,，:：、')} {words[found.end() :].strip(' ,，:：、')}".strip()
