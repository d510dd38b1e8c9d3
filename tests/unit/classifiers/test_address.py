"""An address taken apart: one spelling for each part, and where it stood."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.address import number_of, parse_address

_TENS = "零一二三四五六七八九"


def _spelled(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (_TENS[tens] if tens > 1 else "") + ("十" if tens else "") + (_TENS[ones] if ones else "")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("三号楼", {"building": "3"}),
        ("3#楼漏水", {"building": "3"}),
        ("３栋", {"building": "3"}),
        ("B座电梯坏了", {"building": "B"}),
        ("3-2-501", {"building": "3", "unit": "2", "room": "501"}),
        ("3号楼2单元501", {"building": "3", "unit": "2", "room": "501"}),
        ("三號樓二單元五零一室", {"building": "3", "unit": "2", "room": "501"}),
        ("8栋602没水", {"building": "8", "room": "602"}),
        ("二单元黑了", {"unit": "2"}),
        ("十二幢六楼", {"building": "12", "floor": "6"}),
        ("负一层积水", {"floor": "-1"}),
        ("东二路南头", {"road": "东二路"}),
        ("临江县槐花路18号", {"road": "槐花路", "road_number": "18"}),
        ("桃源小区5号楼", {"estate": "桃源小区", "building": "5"}),
        ("早上好", {}),
        ("电话三天打不通", {}),
    ],
)
def test_each_part_has_one_spelling(text: str, parts: dict[str, str]) -> None:
    """What is not said stays empty, and every part that is there has its stretch of the text."""
    address = parse_address(text)
    names = ("road", "road_number", "estate", "building", "unit", "floor", "room")
    assert {name: getattr(address, name) for name in names if getattr(address, name)} == parts
    assert set(address.spans) == set(parts)


def test_spans_hold_the_marks() -> None:
    """The stretch is what a reader would underline."""
    text = "住3号楼2单元501室"
    spans = parse_address(text).spans
    assert {name: text[start:end] for name, (start, end) in spans.items()} == {
        "building": "3号楼",
        "unit": "2单元",
        "room": "501室",
    }


@given(st.integers(1, 99), st.integers(1, 19), st.sampled_from(["号楼", "栋", "幢", "#楼"]))
def test_numerals_in_any_spelling_give_the_same_parts(building: int, unit: int, mark: str) -> None:
    """Figures, wide figures, Chinese numerals: the same house."""
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(building))
    for one in (str(building), wide, _spelled(building)):
        for other in (str(unit), _spelled(unit)):
            address = parse_address(f"{one}{mark}{other}单元")
            assert (address.building, address.unit) == (str(building), str(unit))


@pytest.mark.parametrize(
    ("numeral", "number"), [("十", "10"), ("二十", "20"), ("一百二十三", "123"), ("五零三", "503"), ("b2", "B2")]
)
def test_numerals_become_figures(numeral: str, number: str) -> None:
    """Tens and hundreds as numbers, digits read one by one as they stand."""
    assert number_of(numeral) == number


@given(st.text(alphabet="三3-号楼栋单元路村市县区组#B501室零十百 ", max_size=30) | st.text(max_size=60))
def test_any_text_gives_parts_that_do_not_overlap(text: str) -> None:
    """Whatever is typed."""
    spans = sorted(parse_address(text).spans.values())
    assert all(start < end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
