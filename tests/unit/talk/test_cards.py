"""Cards: what staff see of a case, the taps it offers by state and role, and how it reads where there are no cards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cases.lifecycle import State
from bot.talk.cards import CardView, View, as_text, case_card, numbered, view_of
from bot.talk.commands import Press, Verb, parse_button
from tests.unit.talk.samples import NOW, VOICE, case

CANDIDATE = case(state="reported", worker_id=None, clock="accept")


def labels(view: CardView, **changes: object) -> list[str]:
    _, buttons = case_card(case(**changes), view, VOICE, NOW)
    return [button.label for button in buttons]


def test_a_candidate_shows_what_a_worker_decides_on() -> None:
    card, buttons = case_card(CANDIDATE, CardView(kind=View.CANDIDATE, alternatives=("facility.power",)), VOICE, NOW)
    assert card.title == "待核实 №128"
    assert dict(card.lines)["类别"] == "路灯（也可能是供电）"
    assert dict(card.lines)["地点"] == "3号楼前"
    assert card.note == "依据：灯、不亮"
    assert [button.label for button in buttons] == ["确认", "是供电", "不受理"]
    assert parse_button(buttons[1].data) == Press(Verb.ACCEPT, 128, 4, "facility.power")


def test_a_card_without_place_and_grid_says_so() -> None:
    card, buttons = case_card(case(state="reported", place="", area_id=None), CardView(kind=View.CANDIDATE), VOICE, NOW)
    assert dict(card.lines)["地点"] == "没说在哪儿"
    assert "归我" in dict(card.lines)["网格"]
    assert buttons[-1].label == "归我"


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (View.CANDIDATE, {"state": "reported"}, ["确认", "不受理"]),
        (View.WORKING, {}, ["办结", "派单位", "移交"]),
        (View.WORKING, {"state": "dispatched"}, ["办结", "移交"]),
        (View.UNIT, {"state": "dispatched"}, ["处置完成", "退回"]),
        (View.VERIFY, {"state": "resolved"}, ["核查通过", "返工"]),
        (View.SUSPENDED, {"state": "suspended"}, ["恢复"]),
        (View.CLOSED, {"state": "closed"}, []),
        (View.ENDED, {"state": "declined"}, []),
        (View.RESULT, {"state": "closed"}, ["没好"]),
    ],
)
def test_the_taps_of_each_state(kind: View, changes: dict[str, object], expected: list[str]) -> None:
    assert labels(CardView(kind=kind), **changes) == expected


def test_who_may_not_is_not_offered_it() -> None:
    """A supervisor sees the card of a case at work but neither closes it nor verifies it."""
    assert labels(CardView(kind=View.WORKING, may=frozenset({"transfer", "dispatch", "suspend"}))) == ["派单位", "移交"]
    assert labels(CardView(kind=View.VERIFY, may=frozenset({"rework"})), state="resolved") == ["返工"]
    assert labels(CardView(kind=View.CANDIDATE, may=frozenset()), state="reported") == []


def test_in_private_the_result_asks_for_a_grade() -> None:
    offered = labels(CardView(kind=View.RESULT, private=True), state="closed")
    assert offered == ["没好", "非常满意", "满意", "基本满意", "不满意", "非常不满意"]


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_card_for_staff_and_unit(state: State) -> None:
    """And every tap on it reads back with the version it was made for."""
    for unit in (False, True):
        view = CardView(kind=view_of(case(state=state), unit=unit))
        card, buttons = case_card(case(state=state), view, VOICE, NOW)
        assert "№128" in card.title
        assert all((press := parse_button(b.data)) and (press.case_id, press.version) == (128, 4) for b in buttons)


def test_an_emergency_is_marked() -> None:
    card, _ = case_card(case(urgency="emergency"), CardView(kind=View.WORKING), VOICE, NOW)
    assert card.urgent


def test_what_must_not_be_overlooked_stands_in_the_note() -> None:
    row = case(repeat=True, supervised=1, sensitive="staff")
    card, _ = case_card(row, CardView(kind=View.WORKING, late=NOW - timedelta(hours=2)), VOICE, NOW)
    assert card.note == "三十天内第二次说没好；督办中；只有您能看到，别转发；不是刚说的，是今天8点说的"


def test_an_anonymous_reporter_has_no_name() -> None:
    card, _ = case_card(case(anonymous=True), CardView(kind=View.WORKING), VOICE, NOW)
    assert dict(card.lines)["上报人"] == "不留姓名"
    assert "张姐" not in as_text(card)


def test_a_unit_does_not_see_who_reported() -> None:
    card, buttons = case_card(case(state="dispatched"), CardView(kind=View.UNIT), VOICE, NOW)
    assert "张姐" not in as_text(card, buttons)


def test_a_very_long_report_is_shortened() -> None:
    card, _ = case_card(case(text="长" * 2000), CardView(kind=View.WORKING), VOICE, NOW)
    assert len(dict(card.lines)["原话"]) == 300


def test_where_there_are_no_cards_the_taps_become_numbers() -> None:
    card, buttons = case_card(CANDIDATE, CardView(kind=View.CANDIDATE, supporters=2), VOICE, NOW)
    assert as_text(card, buttons).splitlines() == [
        "待核实 №128",
        "类别：路灯",
        "地点：3号楼前",
        "原话：3号楼前的灯又不亮了",
        "上报人：张姐",
        "网格：东关网格",
        "期限：明天18点",
        "附议：2 人说也一样",
        "（依据：灯、不亮）",
        "1 确认  2 不受理",
    ]


def test_no_taps_no_numbers() -> None:
    assert numbered(()) == ""
