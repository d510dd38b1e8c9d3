"""Where: the stretch of a message by which a local worker finds the spot, and one form for comparing such stretches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifiers.normalize import normalize, simplified
from classifiers.placekinds import SPOTS

_NUMBER = r"(?:\d+|[一二三四五六七八九十百两零]+|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))"
_SIDE = (
    r"(?:(?:正|大|小|斜)?(?:门口|门前|旁边|旁|对面|前面|前头|前边|前|后面|后头|后边|后身|楼顶頂|楼下|楼口|口|"
    r"[东西南北](?:头|边|侧|面)|拐角|拐弯处|拐弯|路口|十字|顶上|围墙边|围墙|后墙|[东西南北院]?墙外|挂号窗口|窗口|方向|大厅|中间|尽头|里头|院里|边边|边上|边))"
)
# Characters that end a name to the left: little words, pronouns, verbs of motion, times of day.
_STOP = (
    "议反映沿的了在到从把那这我你他她它们俺恁咱个是有和跟与就都也又还很最被让给对向往去来说看谁哪啥"
    "咋没不要能会可想找问上下里外出进过着呢吧啊吗呀嘛请嘞搁喺住今昨天晚早每一二三四五六七八九十整走跳现几条块"
)
_NAME = rf"(?:(?![{_STOP}])[\u4e00-\u9fff])"
_BEGIN = r"(?:^|(?<=[\s，。！？,.!?、；：:;@在去到从]))"  # of a phrase
_ROAD = r"(?<![修条车得段走马让带认出这半上指问养铁线网电套短思])(?:路(?!灯|面|上|边|中间|过|人|由)|街(?!道|坊)|大道)"
# Kinds of places that tell the spot only with a name or a side (老二小, 学校门口); the others are `SPOTS`.
_SPOT_WITH_NAME = (
    "学校|小学|中学|幼儿园|村小|医院|卫生院|卫生室|诊所|超市|车站|银行|派出所|"
    "信用社|合作社|农商行|供销社|大厅|厂|店|渠|河|湖|塘|站"
)

# What can be a place by itself, the surest first; the number is how well it tells a spot.
_PARTS: Final = (
    (
        9,
        rf"{_NUMBER}[#＃](?:-?\d+)?(?:楼|门|单元)?|(?:\d+[、到至和])*{_NUMBER}\s?(?:号楼|栋|幢|座|号院|号门|号梯|号(?=门口|楼))(?:楼(?![顶上下梯道])|院)?",
    ),
    (9, r"(?<![\d.年月:：])(?:[A-Za-z]?\d{1,3})-\d{1,3}(?:-\d{3,4})?(?![\d年月日:：])"),
    (7, rf"(?!一[^期区])(?:{_NUMBER}\s?(?:单元|期|区(?!别)|排|组|队|弄|标段)(?:\d+户)?)"),
    (
        7,
        rf"{_NAME}{{1,4}}(?:小区|花园|家园|公寓|家属院|家属楼|宿舍|新村|大厦|佳苑|佳园|庄园|雅苑|苑|湾|府|(?<!屋)(?<!夜)(?<!同)里(?=[\d一二三四五六七八九十])|巷\d+号院)",
    ),
    (6, rf"{_NAME}{{1,3}}(?:{_ROAD}|胡同|巷子|巷|桥)(?:{_SIDE}|[中东西南北]段|到{_NAME}{{1,4}})?"),
    (6, rf"{_NAME}{{2}}(?:村|庄|屯)(?![里上的民委干支书主])(?:{_SIDE})?"),
    (
        6,
        rf"[{_STOP}]?[一二三四五六七八九十]道街|{_NAME}{{2}}[一二三四五六七八九十]路|环岛|(?:老|小|新|大)?(?:油坊|磨坊|槐树|榕树|祠堂|戏台)",
    ),
    (6, rf"(?:{SPOTS})(?:{_SIDE})?"),
    (
        5,
        rf"{_NAME}{{1,4}}(?:{_SPOT_WITH_NAME})(?:{_SIDE})|{_NAME}{{2,4}}(?:{_SPOT_WITH_NAME})|(?:{_SPOT_WITH_NAME}){_SIDE}|^(?:村小|卫生室|诊所|卫生院|幼儿园|学校)",
    ),
    (
        5,
        r"(?:小区|厂|校)?(?:[东西南北]|正|侧)[大小]?门(?:口|岗)?(?!儿|路(?!中|上|边))|小区(?:大?门口|大门|后门)|(?<!家)(?<!我)[大后]门口",
    ),
    (5, rf"(?:村|庄|屯|镇|坝子|塘坎|后沟|沟|后山|山|坡|河|街|巷)(?:{_SIDE}|[东西南北东后前](?:头|边|坡|街|洼|口)?)"),
    (
        4,
        rf"[东西南北后前](?:{_NAME}{{0,1}}(?:街|巷|院|区|坡|沟|山|河|洼地|关|头|庄|村|地(?![方下面点上板])|渠))(?:第{_NUMBER}条巷子)?(?:{_SIDE})?",
    ),
    (4, rf"老{_NAME}(?:家|屋)(?:{_SIDE})?"),
    (
        4,
        rf"地?负{_NUMBER}(?:楼|层)?|(?!一层|[三四五六两]层){_NUMBER}(?:楼|层)(?![上下梯道顶])(?:大厅|拐角|楼梯口|过道)?",
    ),
    (4, r"(?<![\d.])\d{3,4}(?:室|房|户)(?!\d)"),
    (
        6,
        rf"{_BEGIN}(?:(?:{_NAME}|[上下]){{1,3}}|[东西南北前后上下])(?:[洼沟坡坳垭峡岭寨湾弯塘坪坝屯崖浜圩阁庙]|大院|组(?![织长合建员]))(?:{_SIDE})?",
    ),
    (
        6,
        rf"[一二三四五六七八九十]{{1,2}}(?:[中小](?=门口|[东西南北后对旁]|学校|$)|桥|干渠)(?:{_SIDE})?|(?:地铁)[A-Za-z一二三四]口",
    ),
    (
        6,
        rf"(?:天晴|和谐)家园|(?:和[平顺睦谐]|幸福|安[宁康居]|永[安和乐]|平安)里|{_BEGIN}{_NAME}{{2}}(?<!幼儿)园(?![区林艺里])",
    ),
    (
        5,
        rf"(?:小学|中学|初中|幼儿园|学校|医院)(?:操场|围墙|[前后]门|食堂|教学楼|宿舍)(?:{_SIDE})?|(?<=到)(?:小学|学校|幼儿园|家属院)",
    ),
)


def _last_characters(spots: str) -> frozenset[str]:
    return frozenset(spot.partition("(")[0][-1] for spot in spots.split("|"))


# For each part above, characters of which every match holds one: most texts hold none and are spared the pattern.
_MARKS: Final = (
    *("#＃号栋幢座", "-", "单期区排组队弄标", "区园寓院楼舍村厦苑庄湾府里巷", "路街道同巷桥", "村庄屯"),
    *("街路岛坊树堂台", _last_characters(SPOTS), _last_characters(_SPOT_WITH_NAME)),
    *("门", "村庄屯镇坝塘沟山坡河街巷", "东西南北后前", "老", "楼层负", "室房户"),
    *("洼沟坡坳垭峡岭寨湾弯塘坪坝屯崖浜圩阁庙院组", "中小桥渠口", "园里", "学校院园中"),
)
_PATTERNS: Final = tuple(
    (rank, re.compile(pattern), frozenset(marks)) for (rank, pattern), marks in zip(_PARTS, _MARKS, strict=True)
)
_SPOT: Final = _PATTERNS[7][1]  # the pattern of `SPOTS`
_NO_NAME: Final = frozenset(_STOP + "家谢感购冒充")
_TAIL: Final = re.compile(rf"(?:(?<=[组街路巷村])\d{{1,3}}号)?(?:\d{{3,4}}(?!\d)(?:室|户)?)?{_SIDE}?")
_GLUE: Final = re.compile(r"[的到\s-]?|那[条棵座]")
_NOT_A_PLACE: Final = re.compile(
    r"[0-9一二三四五六七八九十百两]+(?:个|次|天|年|月|日|块|元)|十字|一口|路口|(?:几|那|这)[栋楼号]|公司|.{0,3}(?:身份证|便民|那家|这家|家(?![具洼沟坡坳岭寨湾塘坪大村庄屯]|属院)).*店?"
)
_LONGEST: Final = 300  # characters looked at; the place of a report stands near its beginning


@dataclass(frozen=True, slots=True)
class _Part:
    start: int
    end: int
    rank: float


def find_place(text: str) -> str | None:
    """Return the best place of a message, spelled as in `text`, or None."""
    plain = simplified(text[:_LONGEST])  # as long as the text, so a stretch of one is a stretch of the other
    joined = list(_joined(plain, sorted(_parts(plain), key=lambda part: (part.start, -part.end))))
    if not joined:
        return None
    best = max(joined, key=lambda part: (part.rank, -part.start))
    return text[best.start : best.end].strip(" -的")


def _parts(text: str) -> Iterator[_Part]:
    characters = set(text)
    for rank, pattern, marks in _PATTERNS:
        if marks.isdisjoint(characters):
            continue
        for match in pattern.finditer(text):
            start = _with_name(text, match.start()) if pattern is _SPOT else match.start()
            if not _NOT_A_PLACE.fullmatch(text, start, match.end()):
                yield _Part(start, match.end(), rank)


def _with_name(text: str, start: int) -> int:
    """Return where the name before a kind of place begins (老张 + 饭店); in the pattern it would be slow."""
    first = max(0, start - 3)
    while start > first and "\u4e00" <= text[start - 1] <= "\u9fff" and text[start - 1] not in _NO_NAME:
        start -= 1
    return start


def _joined(text: str, parts: list[_Part]) -> Iterator[_Part]:
    """Yield stretches of parts that touch or overlap (幸福里 + 3号楼 + 2单元 + 门口)."""
    current: _Part | None = None
    for part in parts:
        if current and part.start <= current.end + 2 and _GLUE.fullmatch(text[current.end : part.start]):
            current = _Part(current.start, max(current.end, part.end), max(current.rank, part.rank) + 0.5)
            continue
        if current:
            yield _with_tail(text, current)
        current = part
    if current:
        yield _with_tail(text, current)


def _with_tail(text: str, part: _Part) -> _Part:
    tail = _TAIL.match(text, part.end)
    return _Part(part.start, tail.end() if tail else part.end, part.rank)


_DIGITS: Final = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_CHINESE_NUMBER: Final = re.compile(
    r"[零一二三四五六七八九两]?十[一二三四五六七八九]?|[零一二三四五六七八九两]+(?=[号栋幢座单期区排组队弄楼层#])"
)
_BUILDING: Final = re.compile(r"(\d+)(?:#楼?|号楼|栋楼?|幢|座|号院|号)")


_DASHED: Final = re.compile(r"(?<![\w-])(\d{1,3})-(?:(\d{1,2})-)?(\d{3,4})(?![\d-])", re.ASCII)  # building, unit, room


def place_key(text: str) -> str:
    """Return one form for comparing two spellings of a place (三号楼, 3#, 3 栋 -> 3号楼; 3-2-501 -> 3号楼2单元501)."""
    plain = _DASHED.sub(_spelled_out, normalize(text))
    plain = normalize(re.sub(r"[\s的,。、-]+", "", plain))
    return _BUILDING.sub(r"\1号楼", _CHINESE_NUMBER.sub(lambda match: str(_value(match.group())), plain))


def _spelled_out(dashed: re.Match[str]) -> str:
    building, unit, room = dashed.groups()
    return f"{building}号楼{unit + '单元' if unit else ''}{room}"


def one_in_other(one: str, other: str) -> bool:
    """Tell whether one key stands whole in the other: 3号楼 in 3号楼2单元, but 7号楼 not in 17号楼."""
    short, long = sorted((one, other), key=len)
    before, after = (r"(?<!\d)" if short[:1].isdigit() else ""), (r"(?!\d)" if short[-1:].isdigit() else "")
    return re.search(before + re.escape(short) + after, long) is not None


def _value(numeral: str) -> int:
    """Return the value of a Chinese numeral below 100, or of digits read one by one (五零三)."""
    if "十" not in numeral:
        return int("".join(str(_DIGITS[char]) for char in numeral))
    tens, _, ones = numeral.partition("十")
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
