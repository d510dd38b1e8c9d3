"""Where: found as spelled, compared in one form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.places import find_place, one_in_other, place_key


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("3号楼前的平安灯又不亮了", "3号楼前"),
        ("三号楼二单元停水了", "三号楼二单元"),
        ("12栋502漏水", "12栋502"),
        ("5#下水道堵了", "5#"),
        ("７＃电梯坏了", "７＃"),
        ("有人在人民路口摆摊", "人民路口"),
        ("幸福小区8号楼着火了", "幸福小区8号楼"),
        ("村东头的路灯坏了", "村东头"),
        ("小区门口有人占道", "小区门口"),
        ("東門的井蓋不見了", "東門"),
        ("四楼冒烟了", "四楼"),
        ("3-2-401没电", "3-2-401"),
        ("中心广场旁边的公厕堵了", "中心广场旁边的公厕"),
        ("晒谷场那盏灯瞎了", "晒谷场"),
        ("机井房的门锁让人撬了", "机井房"),
        ("桥头堆了一大堆垃圾", "桥头"),
        ("祠堂后面塌了一块", "祠堂后面"),
        ("三组停电两天了", "三组"),
        ("大队部的喇叭响到半夜", "大队部"),
        ("黑石岭手机没信号", "黑石岭"),
        ("李家沟的水浑了", "李家沟"),
        ("信用社门口的井盖没了", "信用社门口"),
        ("二中门口全是小摊", "二中门口"),
        ("敬老院的暖气不热", "敬老院"),
        ("楼下那家茶馆吵到半夜", "茶馆"),
        ("桥头到小学那段没灯", "桥头到小学"),
        ("四组38号冒黑烟", "四组38号"),
        ("7、8、9号楼全黑了", "7、8、9号楼"),
    ],
)
def test_a_place_is_a_stretch_of_the_text(text: str, place: str) -> None:
    """Buildings, units, rooms, roads, gates and landmarks are returned as spelled."""
    assert find_place(text) == place
    assert place in text


@pytest.mark.parametrize(
    "text",
    [
        "早上好",
        "今天真热",
        "停电三天了",
        "我家门口堵了",
        "买了两块豆腐",
        "10月15日发工资吗",
        "谁管管",
        "一层灰",
        "修路的来了",
        "泥石流冲下来了",
        "楼上半夜拖桌子",
        "对门天天吵架",
        "楼道黑漆漆的",
        "咱村停水了",
    ],
)
def test_no_place_is_made_up(text: str) -> None:
    """Dates, amounts and relative words are no place."""
    assert find_place(text) is None


@given(st.text(max_size=120))
def test_any_text_gives_a_substring_or_nothing(text: str) -> None:
    """Whatever is typed, the place stands in it."""
    place = find_place(text)
    assert place is None or (place and place in text)


@pytest.mark.parametrize("spelled", ["3号楼", "三号楼", "3#", "３＃楼", "3 号楼", "3栋", "三幢", "3號樓", "３号"])
def test_spellings_of_a_building_compare_equal(spelled: str) -> None:
    """Numerals, marks, width and traditional characters do not make another building."""
    assert place_key(spelled) == "3号楼"


@pytest.mark.parametrize(
    ("spelled", "key"),
    [("十二号楼", "12号楼"), ("二十号楼3单元", "20号楼3单元"), ("三单元", "3单元"), ("村东头", "村东头")],
)
def test_numerals_become_figures(spelled: str, key: str) -> None:
    """Tens are read as tens; a place without a number stays as it is."""
    assert place_key(spelled) == key


@pytest.mark.parametrize(
    ("dashed", "spelled"),
    [("3-2-501", "3号楼2单元501"), ("３-２-501", "三号楼二单元501"), ("12-502", "12栋502")],
)
def test_dashes_compare_equal_to_words(dashed: str, spelled: str) -> None:
    """Building, unit and room need not be named to be known."""
    assert place_key(dashed) == place_key(spelled)


@given(st.text(max_size=60) | st.text(alphabet="0123-三二十号楼栋单元 ", max_size=20))
def test_a_key_is_its_own_key(text: str) -> None:
    """Comparing keys of keys changes nothing."""
    assert place_key(place_key(text)) == place_key(text)


@pytest.mark.parametrize(
    ("one", "other", "whole"),
    [
        ("3号楼", "3号楼2单元", True),
        ("老油坊", "老油坊南头", True),
        ("7号楼", "17号楼", False),
        ("7号楼前", "17号楼前", False),
        ("路1", "路12", False),
        ("9号楼", "9号楼", True),
    ],
)
def test_a_number_is_not_part_of_a_longer_one(one: str, other: str, whole: bool) -> None:
    """In either order."""
    assert (one_in_other(one, other), one_in_other(other, one)) == (whole, whole)
