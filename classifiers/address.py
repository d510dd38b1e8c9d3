"""The parts of an address: road, estate, building, unit, floor, room, in one spelling and where they stood."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from classifiers.normalize import simplified

Span = tuple[int, int]

_DIGITS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN: Final = "零〇一二三四五六七八九十百两"
_NUMBER: Final = rf"(?:[A-Za-z]?[0-9]{{1,4}}[A-Za-z]?|[{_HAN}]+|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))"
_FREE: Final = r"(?<![0-9A-Za-z零〇一二三四五六七八九十百两-])"  # a number begins here
_ENDS: Final = r"(?![0-9A-Za-z])"
_BUILDING_MARK: Final = r"(?:号楼|栋楼|栋|幢|座|#楼?|号(?=门?[0-9一二三四五六七八九十两]+单元))"
# Three numbers with dashes are building, unit and room; two are building and room where the second is long.
_DASHED: Final = re.compile(
    rf"{_FREE}(?P<building>[A-Za-z]?[0-9]{{1,3}}(?:栋|幢|号楼|#)?)[-—]+(?:(?P<unit>[0-9]{{1,2}}(?:单元)?)[-—]+)?"
    rf"(?P<room>[0-9]{{3,5}}室?)(?![0-9号弄-])"
)
_TRIPLE: Final = re.compile(
    rf"{_FREE}(?P<building>[A-Za-z]?[0-9]{{1,3}})[-—](?P<unit>[0-9]{{1,2}})[-—](?P<room>[0-9]{{1,5}}室?)(?![0-9-])"
)
_PAIR: Final = re.compile(
    rf"{_FREE}(?P<building>[A-Za-z]?[0-9]{{1,3}})[-—](?P<unit>[0-9]{{1,2}})(?:单元)?(?![0-9号弄-])"
)
_AFTER_ROAD: Final = re.compile(r"(?:[号弄]|[区园苑城坊村庭场])(?P<building>[A-Za-z]?[0-9]{1,3}号)(?!楼|门牌|线)")
_BUILDING: Final = re.compile(rf"{_FREE}(?P<building>{_NUMBER}{_BUILDING_MARK})")
_UNIT: Final = re.compile(rf"(?P<unit>(?:{_NUMBER}|[东中西])单元)")
_UNIT_AFTER: Final = re.compile(r"(?:号楼|[栋幢座])-?(?P<unit>[0-9]{1,2}(?:号(?!楼)|(?=[-—][0-9]{3,4})))")
_FLOOR: Final = re.compile(rf"(?P<floor>第?[负地]?(?:{_NUMBER})(?:楼|层|[Ff](?![A-Za-z])))(?![上下梯道顶])")
_ROOM: Final = re.compile(
    rf"(?P<room>(?:{_FREE}|(?<=[栋幢座元楼层弄#-]))(?:[A-Za-z]?[0-9]{{2,4}}[A-Za-z]?(?:室|房(?!间))|[{_HAN}]{{3,4}}室))"
    rf"|(?:(?<=[栋幢座元楼层#])|(?<=[栋幢座元楼层号][-—]))(?P<bare>[A-Za-z]?[0-9]{{2,5}}号?){_ENDS}(?![幢栋座#弄户单个元])"
)
# What stands before a name: provinces down to villages, and little words.
_LAST: Final = re.compile(r"(?<=[\u4e00-\u9fffA-Z号])(?<![路街道巷第])(?P<room>[A-Z]?[0-9]{3,5})$")
_LEADING: Final = re.compile(
    r"(?:.*(?:省|自治区|市(?!场|中心|民)|区(?!政)|县|街道(?:办事处)?|镇(?![中东西南北]?[路街])|乡|村(?![中东西南北]?[路街])|^(?:浙江|杭州|宁波|温州|上海|北京|深圳|金华|台州|绍兴|义乌))|^(?:在|到|住|从|我们?|就|是|去|和)+)"
)
_ROAD: Final = re.compile(
    r"(?P<road>[\u4e00-\u9fff]{1,14}?(?:大道|公路|路(?![灯面上边])|(?<!大)街(?![道坊区])|大街|巷|胡同|[0-9]+组))"
    r"(?:(?P<number>附?[0-9零〇一二三四五六七八九十百]+(?:[-—][0-9]+)?(?:号(?!楼)|弄)|[0-9]{1,4}(?![0-9#栋幢座单室楼层-]))"
    r")?"
)
_ESTATE: Final = re.compile(
    r"(?P<estate>[\u4e00-\u9fff]{2,6}?(?:小区|花园|家园|公寓|家属院|新村|大厦|广场|佳苑|雅苑|名苑|北苑|南苑|东苑|西苑|苑|湾|府|社区|村|里(?=[0-9一二三四五六七八九十])))"
)


@dataclass(frozen=True, slots=True)
class Address:
    """What is not said is "". `spans` tells where in the text each part stood, mark included (3号楼)."""

    road: str = ""
    road_number: str = ""
    estate: str = ""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    spans: Mapping[str, Span] = field(default_factory=dict, hash=False)


def parse_address(text: str) -> Address:
    """Take an address, or a message with one, apart; of two buildings the first counts."""
    plain = simplified(_narrow(text))
    spans: dict[str, Span] = {}
    for name, span in _found(plain):
        if name not in spans and not any(span[0] < end and start < span[1] for start, end in spans.values()):
            spans[name] = span
    return Address(**{name: _value(name, plain[slice(*span)]) for name, span in spans.items()}, spans=spans)


def number_of(numeral: str) -> str:
    """Return a numeral in figures: 十二 -> 12, 五零三 -> 503, B2 -> B2; what is none comes back as it was."""
    if not numeral or any(char not in _HAN for char in numeral):
        return numeral.upper().lstrip("0") or numeral
    if not set(numeral) & {"十", "百"}:
        return "".join(str(_DIGITS[char]) for char in numeral).lstrip("0") or "0"
    hundreds, _, rest = numeral.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    return str(_digit(hundreds) * 100 + (_digit(tens) or 1) * 10 * bool(ten) + _digit(ones))


def _digit(numeral: str) -> int:
    return int("".join(str(_DIGITS.get(char, 0)) for char in numeral) or "0")


def _narrow(text: str) -> str:
    """Width of letters, figures and marks; one character each, so spans stay true."""
    return "".join(chr(ord(char) - 0xFEE0) if "！" <= char <= "～" else char for char in text)


def _found(text: str) -> Iterator[tuple[str, Span]]:
    """Yield parts with where they stand, the surest first."""
    for pattern in (_TRIPLE, _DASHED, _BUILDING, _UNIT, _UNIT_AFTER):
        yield from _groups(pattern.search(text))
    yield from _named(text)
    for pattern in (_AFTER_ROAD, _PAIR, _FLOOR, _ROOM, _LAST):
        yield from _groups(pattern.search(text))


def _groups(match: re.Match[str] | None) -> Iterator[tuple[str, Span]]:
    for name, value in match.groupdict().items() if match else ():
        if match and value:
            yield {"bare": "room", "number": "road_number"}.get(name, name), match.span(name)


def _named(text: str) -> Iterator[tuple[str, Span]]:
    """Road and estate; districts and towns before them are no part of the name."""
    road = _ROAD.search(text)
    yield from _shorn(text, _groups(road))
    estate = _ESTATE.search(text, road.end() if road else 0) or _ESTATE.search(text)
    yield from _shorn(text, _groups(estate))


def _shorn(text: str, parts: Iterator[tuple[str, Span]]) -> Iterator[tuple[str, Span]]:
    for name, (start, end) in parts:
        leading = _LEADING.match(text[start : end - 2]) if name in {"road", "estate"} else None
        yield name, (start + (leading.end() if leading else 0), end)


_MARKS: Final = re.compile(r"^(?:第|附)|(?:号楼|栋楼|单元|号|栋|幢|座|#楼?|室|房|弄|楼|层|[Ff])$")


def _value(name: str, found: str) -> str:
    if name in {"road", "estate"}:
        return found
    below = found.startswith(("负", "地"))
    return ("-" if below else "") + number_of(_MARKS.sub("", found.lstrip("负地")))
