"""Every error in a rule file names its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.rules import RuleError, load_rules
from tests.unit.classifiers.test_rules import SETTINGS

FILE = """\
[facility.streetlight]
name = "路灯"
anchors = ["路灯"]
keywords.3 = [
    "路灯",
]

[[facility.streetlight.pairs]]
thing = ["路灯"]
fault = ["坏"]

[[facility.streetlight.pairs]]
thing = ["灯"]
fault = ["灭"]
weight = 3

[facility.water]
name = "供水"
anchors = ["水管"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('name = "路灯"', 'title = "路灯"', 2),
        ('anchors = ["路灯"]', 'anchors = ["灯"]', 3),
        ("keywords.3 = [", "keywords.many = [", 4),
        ("weight = 3", 'weight = "三"', 15),
        ('fault = ["灭"]', "fault = []", 13),
        ('anchors = ["水管"]', "", 17),
        ("[facility.water]", "[facility.wine]", 17),
        ('name = "供水"', "name = 供水", 18),
        ('anchors = ["水管"]', 'anchors = ["水管"', 19),
    ],
)
def test_the_line_is_named(tmp_path: Path, old: str, new: str, line: int) -> None:
    """Wrong keys, words, numbers, tables and TOML itself."""
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "facility.toml").write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_rules(tmp_path)
    assert caught.value.line == line, str(caught.value)
    assert f"facility.toml：第 {line} 行" in str(caught.value)
