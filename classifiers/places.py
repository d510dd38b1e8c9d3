"""Where: the stretch of a message by which a local worker finds the spot, and one form for comparing such stretches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifiers.normalize import normalize, simplified

_NUMBER = r"(?:\d+|[一二三四五六七八九十百两零]+|(?<![A-Za-z])[A-Za-z](?![A-Za-z]))"
_SIDE = (
    r"(?:(?:正|大|小|斜)?(?:门口|门前|旁边|旁|对面|前面|前头|前边|前|后面|后头|后边|后身|楼顶頂|楼下|楼口|口|"
    r"[东西南北](?:头|边|侧|面)|拐角|拐弯处|拐弯|路口|十字|顶上|围墙边|后墙|墙外|挂号窗口|窗口|方向|大厅|中间|尽头|里头|院里|边边|边上|边))"
)
# Characters that end a name to the left: little words, pronouns, verbs of motion, times of day.
_STOP = (
    "议反映沿的了在到从把那这我你他她它们俺恁咱个是有和跟与就都也又还很最被让给对向往去来说看谁哪啥"
    "咋没不要能会可想找问上下里外出进过着呢吧啊吗呀嘛请嘞搁喺住今昨天晚早每一二三四五六七八九十整走跳"
)
_NAME = rf"(?:(?![{_STOP}])[\u4e00-\u9fff])"
_ROAD = r"(?<![修条车得段走马让带认出这半上指问养铁线网电套短思])(?:路(?!灯|面|上|边|中间|过|人|由)|街(?!道|坊)|大道)"
# Kinds of places that tell the spot by themselves, and those that do so only with a name or a side (老二小, 学校门口).
_SPOT = (
    "广场(?!舞)|公园|公園|市场|菜场|菜市|早市|夜市|工地|饭店|饭馆|餐馆|火锅店|烧烤摊|烧烤店|棋牌室|健身房|粮站|粮库|粮所|"
    "停车场|车库|地库|地下室|活动室|锅炉房|泵房|配电室|车棚|庙|大队部|村委会|村部|公厕|垃圾站|垃圾房|垃圾亭|快递柜|"
    "养猪场|养鸡场|养殖场|石子厂|搅拌站|加油站|洗车店|砖厂|老厂|水库|鱼塘|菜地|河堤|河坝|河滩|水塘|池塘|堰塘|机井|老井|凉亭|岗亭|"
    "保安亭|五金店|理发店|药店|菜店|小卖部|网吧|宾馆|酒店|邮局|驿站|文化宫|文化站|楼梯间|景观湖|人工湖|中心湖|大渠|水渠|果园|打谷场|"
    "晒谷场|门卫室|公墓|坟地|桥洞|涵洞|隧道|天桥|天台|楼顶|收银台|商场|ktv|KTV|老楼|老宅|河套|皮革厂|纸箱厂|快递站|充电棚"
)
_SPOT_WITH_NAME = "学校|小学|中学|幼儿园|村小|医院|卫生院|卫生室|诊所|超市|车站|银行|派出所|大厅|厂|店|渠|河|湖|塘|站"

# What can be a place by itself, the surest first; the number is how well it tells a spot.
_PARTS: Final = (
    (
        9,
        rf"{_NUMBER}[#＃](?:-?\d+)?(?:楼|门|单元)?|{_NUMBER}\s?(?:号楼|栋|幢|座|号院|号门|号梯|号(?=门口|楼))(?:楼(?![顶上下梯道])|院)?",
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
    (6, rf"{_NAME}{{0,3}}(?:{_SPOT})(?:{_SIDE})?"),
    (
        5,
        rf"{_NAME}{{1,4}}(?:{_SPOT_WITH_NAME})(?:{_SIDE})|{_NAME}{{2,4}}(?:{_SPOT_WITH_NAME})|(?:{_SPOT_WITH_NAME}){_SIDE}|^(?:村小|卫生室|诊所|卫生院|幼儿园|学校)",
    ),
    (
        5,
        r"(?:小区|厂|校)?(?:[东西南北]|正|侧)[大小]?门(?:口|岗)?(?![儿路])|小区(?:大?门口|大门|后门)|(?<!家)(?<!我)[大后]门口",
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
)


def _last_characters(spots: str) -> frozenset[str]:
    return frozenset(spot.partition("(")[0][-1] for spot in spots.split("|"))


# For each part above, characters of which every match holds one: most texts hold none and are spared the pattern.
_MARKS: Final = (
    *("#＃号栋幢座", "-", "单期区排组队弄标", "区园寓院楼舍村厦苑庄湾府里巷", "路街道同巷桥", "村庄屯"),
    *("街路岛坊树堂台", _last_characters(_SPOT), _last_characters(_SPOT_WITH_NAME)),
    *("门", "村庄屯镇坝塘沟山坡河街巷", "东西南北后前", "老", "楼层负", "室房户"),
)
_PATTERNS: Final = tuple(
    (rank, re.compile(pattern), frozenset(marks)) for (rank, pattern), marks in zip(_PARTS, _MARKS, strict=True)
)
_TAIL: Final = re.compile(rf"(?:\d{{3,4}}(?!\d)(?:室|户)?)?{_SIDE}?")
_GLUE: Final = re.compile(r"[的\s-]?")
_NOT_A_PLACE: Final = re.compile(
    r"[0-9一二三四五六七八九十百两]+(?:个|次|天|年|月|日|块|元)|十字|一口|路口|(?:几|那|这)[栋楼号]|公司|.{0,3}(?:身份证|便民|那家|这家|家).*店?"
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
            if not _NOT_A_PLACE.fullmatch(match.group()):
                yield _Part(match.start(), match.end(), rank)


def _joined(text: str, parts: list[_Part]) -> Iterator[_Part]:
    """Yield stretches of parts that touch or overlap (幸福里 + 3号楼 + 2单元 + 门口)."""
    current: _Part | None = None
    for part in parts:
        if current and part.start <= current.end + 1 and _GLUE.fullmatch(text[current.end : part.start]):
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


def place_key(text: str) -> str:
    """Return one form for comparing two spellings of a place (三号楼, 3#, 3 栋 -> 3号楼)."""
    plain = normalize(re.sub(r"[\s的,。、-]+", "", normalize(text)))
    return _BUILDING.sub(r"\1号楼", _CHINESE_NUMBER.sub(lambda match: str(_value(match.group())), plain))


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
