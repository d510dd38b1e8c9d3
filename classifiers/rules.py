"""The rule files of `rules/` as frozen values. A rule gives points to words and to pairs of words near each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

from classifiers.learned import KEY as LEARNED
from classifiers.learned import Weights, read_learned
from classifiers.rulefile import RuleError, Table, Vocabulary, read_toml
from classifiers.settings import Settings, read_settings
from classifiers.taxonomy import TAXONOMY
from classifiers.verdict import Intent, Sensitivity, Urgency

__all__ = ["Category", "Pair", "RuleError", "RuleSet", "Settings", "WordRule", "load_rules"]

RULES_FOLDER: Final = Path(__file__).with_name("rules")
ANCHOR_LENGTH: Final = 2  # single characters as anchors would let half of all chatter pass
ANCHOR_WEIGHT: Final = 4.0  # a word of this weight or more is an anchor of its rule by itself
PAIR_SPAN: Final = 10  # characters between the two words of a pair

_COMMON_KEYS: Final = ("bias", "anchors", "keywords", "pairs", "vetoes")
_CATEGORY_KEYS: Final = (*_COMMON_KEYS, "name", "urgency", "sensitive", "when", "hidden")
_PAIR_KEYS: Final = ("thing", "fault", "weight", "span", "opens")
_SIGNALS: Final[Mapping[str, tuple[str, ...]]] = {
    "intent": tuple(intent for intent in Intent if intent is not Intent.REPORT),
    "evidence": ("appeal", "patrol", "tone", "learned"),
    "urgency": tuple(Urgency),
    "sensitive": tuple(level for level in Sensitivity if level is not Sensitivity.NONE),
}
_SHARED: Final = ("groups", "variants", "everyday", "settings", LEARNED, *_SIGNALS)
_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lists of words; one of each within `span` characters, in either order, adds `weight`."""

    things: frozenset[str]
    faults: frozenset[str]
    weight: float
    span: int


@dataclass(frozen=True, slots=True, eq=False)
class WordRule:
    """Points for words. `keywords`: spelling -> (word it stands for, weight); a word counts once however spelled."""

    code: str
    bias: float
    anchors: frozenset[str]
    keywords: Mapping[str, tuple[str, float]]
    pairs: tuple[Pair, ...]
    vetoes: frozenset[str]

    def words(self) -> Iterator[str]:
        """Yield every spelling the rule looks for, some more than once."""
        yield from self.anchors
        yield from self.keywords
        yield from self.vetoes
        for pair in self.pairs:
            yield from pair.things
            yield from pair.faults


@dataclass(frozen=True, slots=True)
class Category:
    """A category of the taxonomy. `when` and `hidden`: spelling -> the urgency or secrecy its presence brings."""

    code: str
    name: str
    sensitive: Sensitivity
    urgency: Urgency
    rule: WordRule
    when: Mapping[str, Urgency]
    hidden: Mapping[str, Sensitivity]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Everything the files say.

    `signals`: rules that are no category, by kind (intent, evidence, …) and name. `learned`: weights by kind (case, …).
    """

    categories: Mapping[str, Category]
    signals: Mapping[str, Mapping[str, WordRule]]
    settings: Settings
    learned: Mapping[str, Weights]

    def rules(self) -> Iterator[WordRule]:
        """Yield every word rule, categories first."""
        yield from (category.rule for category in self.categories.values())
        for kind in self.signals.values():
            yield from kind.values()

    def words(self) -> frozenset[str]:
        """Return every spelling that means something anywhere in the rules."""
        words = {word for rule in self.rules() for word in rule.words()}
        return frozenset(words).union(*((*category.when, *category.hidden) for category in self.categories.values()))


def load_rules(folder: Path | None = None) -> RuleSet:
    """Read all `*.toml` of a folder; our own are read once. Raises RuleError."""
    return _our_own() if folder is None else _read(folder)


@cache
def _our_own() -> RuleSet:
    return _read(RULES_FOLDER)


def _read(folder: Path) -> RuleSet:
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise RuleError(str(folder.name), "文件夹", "里面没有规则文件", "请指定一个装着 *.toml 规则文件的文件夹")
    try:
        return _understood(files)
    except RuleError as error:
        wrong = next((path for path in files if path.name == error.file), None)
        raise error.found_in(wrong.read_text(encoding="utf-8", errors="replace") if wrong else "") from error


def _understood(files: Sequence[Path]) -> RuleSet:
    plain = [Table(path.name, "", read_toml(path), Vocabulary()) for path in files]
    everyday = frozenset[str]().union(*(table.words("everyday") for table in plain))
    vocabulary = Vocabulary(_lists(plain, "groups"), _lists(plain, "variants"), everyday)
    tables = [Table(table.file, "", table.data, vocabulary) for table in plain]
    return RuleSet(_all_categories(tables), _signals(tables), read_settings(tables), read_learned(tables))


def _lists(tables: list[Table], key: str) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(part.word_list(name, listed))
        for table in tables
        if key in table.data
        for part in [table.sub(key, table.data[key])]
        for name, listed in part.data.items()
    }


def _categories(table: Table) -> Iterator[Category]:
    for family, data in table.data.items():
        if family not in _SHARED:
            group = table.sub(family, data)
            yield from (_category(group.sub(name, one)) for name, one in group.data.items())


def _category(table: Table) -> Category:
    table.only(_CATEGORY_KEYS)
    if table.where not in TAXONOMY:
        raise table.error("类别", "没有这个类别", f"只能用这些：{'、'.join(TAXONOMY)}")
    rule = _word_rule(table)
    if not rule.anchors:
        raise table.error("anchors", "没有触发词", '没有触发词这一类永远不会出现，请写成 anchors = ["路灯"]')
    return Category(
        code=table.where,
        name=table.text("name"),
        sensitive=_choice(table, "sensitive", Sensitivity, Sensitivity.NONE),
        urgency=_choice(table, "urgency", Urgency, Urgency.NORMAL),
        rule=rule,
        when=_consequences(table, "when", Urgency),
        hidden=_consequences(table, "hidden", Sensitivity),
    )


def _consequences(table: Table, key: str, kind: type[_Choice]) -> dict[str, _Choice]:
    part = table.sub(key, table.data.get(key, {}))
    part.only(kind)
    return {word: kind(name) for name in part.data for word in part.words(name)}


def _choice(table: Table, key: str, kind: type[_Choice], default: _Choice) -> _Choice:
    value = table.data.get(key, default)
    if value not in list(kind):
        raise table.error(key, f"不认识 {value!r}", f"请写其中一个：{'、'.join(kind)}")
    return kind(value)


def _word_rule(table: Table) -> WordRule:
    keywords = _keywords(table)
    pairs = table.data.get("pairs", [])
    if not isinstance(pairs, list):
        raise table.error("pairs", "应当是一组一组的", f"请写成 [[{table.where}.pairs]]")
    made = [_pair(table.sub(f"pairs[{number}]", pair)) for number, pair in enumerate(pairs, 1)]
    anchors = [word for word in table.words("anchors", shortest=ANCHOR_LENGTH) if len(word) >= ANCHOR_LENGTH]
    strong = {word for word, (_, weight) in keywords.items() if weight >= ANCHOR_WEIGHT and len(word) >= ANCHOR_LENGTH}
    return WordRule(
        code=table.where,
        bias=table.number("bias", 0.0),
        anchors=frozenset(anchors).union(strong, *(opens for _, opens in made)),
        keywords=keywords,
        pairs=tuple(pair for pair, _ in made),
        vetoes=frozenset(table.words("vetoes")),
    )


def _keywords(table: Table) -> dict[str, tuple[str, float]]:
    """Return spelling -> (word, weight). A word named itself beats the same word out of a group."""
    part = table.sub("keywords", table.data.get("keywords", {}))
    found: dict[str, tuple[str, float]] = {}
    named: dict[str, str] = {}
    for points, listed in part.data.items():
        weight = _weight(part, points)
        own = set(listed)
        for spelling, word in part.word_list(points, listed).items():
            if spelling == word and word in own:
                if word in named:
                    raise part.error(points, f"“{word}”在 {named[word]} 分里也写了", "同一个词只留一处")
                named[word] = points
                found[spelling] = (word, weight)
            elif spelling not in named:
                found.setdefault(spelling, (word, weight))
    return found


def _weight(table: Table, points: str) -> float:
    try:
        return float(points)
    except ValueError as error:
        raise table.error(points, "不是分数", '请写成 分数 = [词]，例如 3 = ["路灯"]') from error


def _pair(table: Table) -> tuple[Pair, frozenset[str]]:
    """Return the pair and the words of the side that opens the gate (`opens`: thing, fault or none)."""
    table.only(_PAIR_KEYS)
    things, faults = table.words("thing"), table.words("fault")
    if not things or not faults:
        raise table.error("thing、fault", "有一边是空的", "一对词两边都要有词")
    opens = table.text("opens", "none")
    if opens not in ("thing", "fault", "none"):
        raise table.error("opens", f"不认识 {opens!r}", "请写 thing、fault 或 none")
    opened = {"thing": things, "fault": faults, "none": {}}[opens]
    long_enough = [word for word in opened if len(word) >= ANCHOR_LENGTH]
    if opened and not long_enough:
        raise table.error(opens, "每个词都太短", f"触发词至少要 {ANCHOR_LENGTH} 个字")
    span = int(table.number("span", PAIR_SPAN))
    anchors = frozenset(long_enough) - table.vocabulary.everyday
    return Pair(frozenset(things), frozenset(faults), table.number("weight", 2.0), span), anchors


def _all_categories(tables: list[Table]) -> dict[str, Category]:
    found: dict[str, Category] = {}
    for table in tables:
        for category in _categories(table):
            if category.code in found:
                raise table.error(category.code, "写在两个文件里", "只留一处")
            found[category.code] = category
    return {code: found[code] for code in TAXONOMY if code in found}


def _signals(tables: list[Table]) -> dict[str, dict[str, WordRule]]:
    found: dict[str, dict[str, WordRule]] = {kind: {} for kind in _SIGNALS}
    for table in tables:
        for kind, names in _SIGNALS.items():
            part = table.sub(kind, table.data.get(kind, {}))
            part.only(names)
            for name, data in part.data.items():
                rule = part.sub(name, data)
                rule.only(_COMMON_KEYS)
                found[kind][name] = _word_rule(rule)
    return found
