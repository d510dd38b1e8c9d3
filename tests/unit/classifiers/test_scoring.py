"""Points: weights, pairs, covering words, vetoes, general anchors, on rules small enough to add up by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.keyword import Classifier
from classifiers.lexicon import Lexicon
from classifiers.rules import load_rules
from classifiers.scoring import Scorer, WordFinder, whole_words
from tests.unit.classifiers.test_rules import folder

RULES = """
[facility.streetlight]
name = "路灯"
bias = -1
anchors = ["路灯", "楼道"]
vetoes = ["演习"]
keywords.3 = ["路灯"]
keywords.1 = ["灯", "亮"]
keywords.-4 = ["红绿灯"]
[[facility.streetlight.pairs]]
thing = ["灯"]
fault = ["坏", "不亮"]
weight = 2
span = 3
[facility.water]
name = "供水"
anchors = ["水管"]
keywords.2 = ["水管"]
[evidence.appeal]
anchors = ["谁家"]
[variants]
"路灯" = ["街灯"]
"""


def points(tmp_path: Path, text: str) -> dict[str, float]:
    rules = load_rules(folder(tmp_path, RULES))
    hits = whole_words(WordFinder(rules.words()).find(text), Lexicon.load().borders(text))
    return {code: score.points for code, score in Scorer(rules.rules()).score(hits).items()}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("看路灯", {"facility.streetlight": 2.0}),  # 3 - 1; the 灯 inside 路灯 counts no second time
        ("路灯和灯", {"facility.streetlight": 3.0}),  # a 灯 of its own does
        ("路灯和街灯", {"facility.streetlight": 2.0}),  # two spellings of one word count once
        ("红绿灯坏", {"facility.streetlight": -5.0}),  # the longer word takes the 灯 from the pair, too
        ("灯坏", {"facility.streetlight": 2.0}),  # 1 + 2 - 1
        ("坏的灯", {"facility.streetlight": 2.0}),  # either order
        ("灯那边有坏", {"facility.streetlight": 2.0}),  # three characters between: within reach
        ("灯在那边有坏", {"facility.streetlight": 0.0}),  # four: too far
        ("演习时路灯坏", {}),  # a veto silences the rule
        ("下水管理", {}),  # 水管 stands across the border of two words
        ("换水管", {"facility.water": 2.0}),
        ("", {}),
    ],
)
def test_points_add_up(tmp_path: Path, text: str, expected: dict[str, float]) -> None:
    """What the rule file says is what is counted."""
    assert points(tmp_path, text) == expected


def test_a_general_anchor_lets_every_category_fire(tmp_path: Path) -> None:
    """「谁家」 opens the gate for the lamp's rule; without any anchor the same points are worth nothing."""
    own = Classifier.load(folder(tmp_path, RULES.replace("keywords.1 =", "keywords.9 =")))
    assert own.classify("谁家灯亮").category == "facility.streetlight"
    assert not own.classify("这里灯亮").is_case


def test_a_category_needs_its_own_or_a_general_anchor(tmp_path: Path) -> None:
    """The anchor of one category does not open another."""
    own = Classifier.load(folder(tmp_path, RULES.replace("keywords.1 =", "keywords.9 =")))
    assert own.has_anchor("水管旁灯亮")
    assert own.classify("水管旁灯亮").category in (None, "facility.water")
