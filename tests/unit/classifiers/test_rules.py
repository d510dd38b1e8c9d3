"""Rule files: what a clerk writes wrong is answered with file, key and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.keyword import Classifier
from classifiers.rules import Category, RuleError, load_rules
from classifiers.taxonomy import TAXONOMY
from classifiers.verdict import Sensitivity, Tier, Urgency

SETTINGS = """
[settings]
card = 0.98
emergency = 0.88
list = 0.5
[settings.shares]
topic = 1
topic_cap = 12
appeal = 1
intent = 1
cap = 8
[settings.confidence]
slope = 1
middle = 3
[settings.structure]
place = 0
duration = 0
night = 0
question = 0
urging = 0
mention = 0
long = 0
worker = 0
phone = 0
price = 0
numbered = 0
fixed = 0
instruct = 0
news = 0
past = 0
laugh = 0
thanks = 0
staffcall = 0
"""
LAMP = """
[facility.streetlight]
name = "路灯"
anchors = ["路灯"]
"""


def folder(tmp_path: Path, rules: str, settings: str = SETTINGS) -> Path:
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "facility.toml").write_text(rules, encoding="utf-8")
    return tmp_path


def category(tmp_path: Path, rules: str) -> Category:
    return load_rules(folder(tmp_path, rules)).categories["facility.streetlight"]


@pytest.mark.parametrize(
    ("rules", "problem", "remedy"),
    [
        (LAMP + 'colour = "red"', "colour：没有这个键", "能用的键是"),
        ('[facility.streetlight]\nname = "路灯"\nanchors = []', "没有触发词", "永远不会出现"),
        ('[facility.streetlight]\nname = "路灯"\nanchors = [""]', "有一个空词", "请删掉它"),
        ('[facility.streetlight]\nname = "路灯"\nanchors = ["😀"]', "有一个空词", "请删掉它"),
        ('[facility.streetlight]\nname = "路灯"\nanchors = ["灯"]', "太短", "至少要 2 个字"),
        ('[facility.moonlight]\nname = "月亮"\nanchors = ["月亮"]', "没有这个类别", "facility.streetlight"),
        ('[facility.streetlight]\nanchors = ["路灯"]', "name：没有写文字", "请写在引号里"),
        (LAMP + 'urgency = "soon"', "不认识 'soon'", "emergency、urgent、normal"),
        (LAMP + 'sensitive = "top"', "不认识 'top'", "private"),
        (LAMP + 'keywords.many = ["灯"]', "不是分数", "分数 = [词]"),
        (LAMP + 'keywords.3 = "灯"', "应当是一串词", '请写成 ["路灯"'),
        (LAMP + 'keywords.3 = ["灯"]\nkeywords.2 = ["灯"]', "“灯”在 3 分里也写了", "只留一处"),
        (LAMP + 'keywords.3 = ["{坏}"]', "没有 {坏} 这组词", "[groups]"),
        (LAMP + 'pairs = [{ thing = ["灯"], fault = [] }]', "有一边是空的", "两边都要有词"),
        (LAMP + 'pairs = [{ thing = ["灯"], fault = ["坏"], opens = "thing" }]', "太短", "至少要 2 个字"),
        (LAMP + 'pairs = [{ thing = ["灯"], fault = ["坏"], opens = "both" }]', "不认识 'both'", "thing、fault"),
        (LAMP + 'pairs = [{ thing = ["灯"], fault = ["坏"], weight = "5" }]', "不是数字", "请写一个数字"),
        (LAMP + "pairs = 3", "应当是一组一组的", "[[facility.streetlight.pairs]]"),
        (LAMP + 'bias = "high"', "不是数字", "请写一个数字"),
        (LAMP + '[facility.streetlight.when]\nsoon = ["灯"]', "soon：没有这个键", "emergency"),
        (LAMP + "[intent.gossip]\nbias = 1", "gossip：没有这个键", "chatter"),
        ("[facility.streetlight\nname = 1", "line 1", "要成对"),
        ("facility = 3", "应当是一张表", "[表名]"),
    ],
)
def test_a_mistake_names_file_key_and_remedy(tmp_path: Path, rules: str, problem: str, remedy: str) -> None:
    """Each mistake is refused with the file's name, what is wrong and what to write instead."""
    with pytest.raises(RuleError) as caught:
        Classifier.load(folder(tmp_path, rules))
    assert "facility.toml" in str(caught.value)
    assert problem in str(caught.value)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("", "出现了 0 次"),
        (SETTINGS + "\nmoon = 1", "moon：没有这个键"),
        (SETTINGS.replace("card = 0.98", ""), "card：没有写"),
        (SETTINGS.replace("card = 0.98", "card = 6.5"), "card：6.5 不是把握"),
    ],
)
def test_settings_are_checked(tmp_path: Path, settings: str, problem: str) -> None:
    """Thresholds must be there once, complete and known."""
    with pytest.raises(RuleError, match=problem):
        load_rules(folder(tmp_path, LAMP, settings))


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A wrong path does not end in a classifier that never speaks."""
    with pytest.raises(RuleError, match="里面没有规则文件"):
        load_rules(tmp_path)


def test_a_category_in_two_files_is_refused(tmp_path: Path) -> None:
    """Two rules for one category would hide each other."""
    folder(tmp_path, LAMP)
    (tmp_path / "more.toml").write_text(LAMP, encoding="utf-8")
    with pytest.raises(RuleError, match="写在两个文件里"):
        load_rules(tmp_path)


def test_words_are_normalised_and_spelled_in_all_variants(tmp_path: Path) -> None:
    """A rule written in traditional characters works, and its variants count as the same word."""
    rule = category(tmp_path, LAMP + 'keywords.3 = ["路燈桿"]\n[variants]\n"路灯" = ["街灯"]').rule
    assert rule.anchors == {"路灯", "街灯"}
    assert rule.keywords == {"路灯杆": ("路灯杆", 3.0), "街灯杆": ("路灯杆", 3.0)}


def test_heavy_words_and_opening_pairs_are_anchors(tmp_path: Path) -> None:
    """A word of weight 4 opens the gate by itself, and so does the side of a pair that says so."""
    pair = 'pairs = [{ thing = ["楼道灯"], fault = ["坏"], opens = "thing" }]'
    rule = category(tmp_path, LAMP + 'keywords.4 = ["灯不亮", "黑"]\n' + pair).rule
    assert rule.anchors == {"路灯", "灯不亮", "楼道灯"}


def test_a_named_word_beats_the_same_word_out_of_a_group(tmp_path: Path) -> None:
    """A group may be taken over with one word weighted otherwise."""
    text = LAMP + 'keywords.1 = ["{坏}"]\nkeywords.3 = ["不亮"]\n[groups]\n"坏" = ["坏了", "不亮"]'
    assert category(tmp_path, text).rule.keywords == {"坏了": ("坏了", 1.0), "不亮": ("不亮", 3.0)}


def test_own_rules_decide_alone(tmp_path: Path) -> None:
    """A centre's own folder replaces the shipped rules: weights, tiers, urgency and secrecy come from it."""
    rules = LAMP + 'keywords.4 = ["灯不亮"]\n[facility.streetlight.when]\nurgent = ["学校"]\n'
    rules += '[facility.streetlight.hidden]\nprivate = ["我们家"]'
    own = Classifier.load(folder(tmp_path, rules))
    verdict = own.classify("学校路灯不亮，离我们家很近")
    assert (verdict.tier, verdict.urgency, verdict.sensitive) == (Tier.LIST, Urgency.URGENT, Sensitivity.PRIVATE)
    assert own.classify("下水道堵了，污水横流").tier is Tier.NONE


def test_the_shipped_rules_cover_the_taxonomy(classifier: Classifier) -> None:
    """All 58 categories have a rule, in the order of the taxonomy."""
    assert tuple(classifier.categories) == TAXONOMY
    assert len(TAXONOMY) == 58
    assert all(entry.name for entry in classifier.categories.values())


def test_sensitive_families_are_kept_private(classifier: Classifier) -> None:
    """What must not be told in a group is marked in the rules themselves."""
    secret = {code for code, entry in classifier.categories.items() if entry.sensitive is not Sensitivity.NONE}
    assert secret == {
        *("dispute.family", "dispute.labour", "service.relief", "service.health", "emergency.missing"),
        *("security.theft", "security.fraud", "security.violence", "security.suspicious", "consult.complaint"),
    }
