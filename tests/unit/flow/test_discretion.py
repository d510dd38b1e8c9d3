"""What may stand in which chat, over every kind of chat and sensitivity."""

from __future__ import annotations

import pytest

from bot.cases.secrecy import stricter, went_dark
from bot.flow.discretion import Shown, fit_for, may_be_answered, may_hear
from bot.flow.draft import Draft
from storage.records import ChatRow
from tests.unit.cases.town import a_case

SENSITIVE = ("none", "private", "missing", "staff", "violence")
NUMBER = "13905381234"


def a_chat(kind: str, mode: str = "full") -> ChatRow:
    return ChatRow(id=1, kind=kind, mode=mode)


@pytest.mark.parametrize("sensitive", SENSITIVE)
def test_residents_hear_nothing_sensitive(sensitive: str) -> None:
    """Not even in the fullest mode; the advice for a missing person and the search the family wants excepted."""
    case, group = a_case(sensitive=sensitive), a_chat("residents")
    assert may_hear(group, "result", case) is (sensitive == "none")
    assert may_hear(group, "published", case) is (sensitive in ("none", "missing"))
    assert may_hear(group, "emergency", case) is (sensitive in ("none", "missing"))
    assert may_be_answered(group, Shown((case,))) is (sensitive == "none")


@pytest.mark.parametrize("kind", ["staff", "unit"])
@pytest.mark.parametrize("sensitive", SENSITIVE)
def test_colleagues_hear_nothing_hidden(kind: str, sensitive: str) -> None:
    """One hidden case in a list is enough."""
    shown = Shown((a_case(), a_case(sensitive=sensitive)), personal=True)
    assert may_be_answered(a_chat(kind), shown) is (sensitive not in ("staff", "violence"))


def test_in_private_everything_may_be_said() -> None:
    """Who may see it has been decided before."""
    assert may_be_answered(a_chat("private"), Shown((a_case(sensitive="violence"),), personal=True, harsh=True))


@pytest.mark.parametrize(
    ("mode", "shown", "fits"),
    [
        ("full", Shown((a_case(),)), True),
        ("full", Shown(), True),
        ("results", Shown((a_case(),)), False),
        ("full", Shown(personal=True), False),
        ("full", Shown(harsh=True), False),
        ("full", Shown((a_case(state="declined"),)), False),
    ],
)
def test_what_is_answered_in_front_of_residents(mode: str, shown: Shown, fits: bool) -> None:
    """Only where the group wants answers, only what is everybody's; never a list, never a refusal of a matter."""
    assert may_be_answered(a_chat("residents", mode), shown) is fits


def test_an_unknown_group_is_nobody_to_talk_to() -> None:
    """Nobody has said yet who reads there."""
    assert not may_be_answered(a_chat("unknown"), Shown())


@pytest.mark.parametrize(
    ("kind", "masked"), [("residents", True), ("unknown", True), ("staff", False), ("private", False)]
)
def test_no_number_in_front_of_residents(kind: str, masked: bool) -> None:
    """Staff need the number to call."""
    assert (NUMBER not in fit_for(a_chat(kind), Draft(view="text", text=f"打{NUMBER}")).text) is masked


@pytest.mark.parametrize("one", SENSITIVE)
@pytest.mark.parametrize("other", SENSITIVE)
def test_a_case_only_becomes_more_secret(one: str, other: str) -> None:
    """Never less than either; dark is what only a confidant sees, and only the step into it counts."""
    found = stricter(one, other)
    assert found == stricter(other, one)
    assert SENSITIVE.index(found) == max(SENSITIVE.index(one), SENSITIVE.index(other))
    dark = {"staff", "violence"}
    assert went_dark(a_case(sensitive=one), a_case(sensitive=other)) is (one not in dark and other in dark)
