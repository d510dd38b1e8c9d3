"""Commands and grades that mean a case by its place in a list, by a quote, or by what was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.model import ChatKind
from bot.talk import decisions as d
from bot.talk.commands import Command, Verb
from tests.unit.talk.moments import PHOTO, RESIDENT, WORKER, link, menu, outcome, question
from tests.unit.talk.samples import NOW, case

# ---------------------------------------------------------------- lists by position


def test_a_position_means_the_case_in_the_list_shown_last() -> None:
    said = outcome("1、3 确认", ChatKind.STAFF, WORKER, menu=menu(40, 41, 42))
    assert said == d.Do(command=Command(verb=Verb.ACCEPT, positions=(1, 3)), case_ids=(40, 42))


def test_a_position_with_a_result_and_a_photo() -> None:
    said = outcome("2 好了 换了灯泡", ChatKind.PRIVATE, WORKER, menu=menu(40, 41), said={"attachments": (PHOTO,)})
    command = Command(verb=Verb.CLOSE, positions=(2,), text="换了灯泡")
    assert said == d.Do(command=command, case_ids=(41,), photos=(PHOTO,))


def test_a_position_beyond_the_list_is_asked_back() -> None:
    said = outcome("5 确认", ChatKind.STAFF, WORKER, menu=menu(40, 41))
    assert said == d.Ask(key="no_such_position", data={"position": 5, "count": 2})


@pytest.mark.parametrize(("kind", "expected"), [(ChatKind.PRIVATE, d.Ask), (ChatKind.STAFF, d.Nothing)])
def test_a_position_without_a_list_means_no_case(kind: ChatKind, expected: type) -> None:
    """In private it is asked back, in a staff chat it may be a 接龙: silence."""
    assert isinstance(outcome("2 好了", kind, WORKER), expected)
    assert isinstance(outcome("2 好了", kind, WORKER, menu=menu(40, 41, minutes=13 * 60)), expected)


def test_an_old_list_still_binds_by_quoting_it() -> None:
    known: dict[str, Any] = {"menu": menu(40, 41, minutes=13 * 60), "menu_quoted": True}
    said = outcome("2 好了", ChatKind.STAFF, WORKER, under="menu", **known)
    assert said == d.Do(command=Command(verb=Verb.CLOSE, positions=(2,)), case_ids=(41,))


def test_in_a_residents_group_no_list_is_open() -> None:
    said = outcome("1 好了", ChatKind.RESIDENTS, WORKER, menu=menu(40, 41))
    assert isinstance(said, d.Nothing)


def test_a_verb_alone_means_the_only_case_of_the_list() -> None:
    assert outcome("确认", ChatKind.STAFF, WORKER, menu=menu(40)) == d.Do(
        command=Command(verb=Verb.ACCEPT), case_ids=(40,)
    )
    assert isinstance(outcome("确认", ChatKind.STAFF, WORKER, menu=menu(40, 41)), d.Nothing)
    assert outcome("确认", ChatKind.PRIVATE, WORKER, menu=menu(40, 41)) == d.Ask(key="which_case")


def test_a_bare_number_in_private_picks_from_the_open_list() -> None:
    said = outcome("2", ChatKind.PRIVATE, WORKER, menu=menu(40, 41))
    assert said == d.Do(command=Command(verb=Verb.MENU, positions=(2,)), case_ids=(41,))


def test_a_card_is_meant_by_quoting_it() -> None:
    known: dict[str, Any] = {"quoted": (link("card"),), "quoted_cases": (case(),)}
    said = outcome("派 供电所", ChatKind.STAFF, WORKER, under="card", **known)
    assert said == d.Do(command=Command(verb=Verb.DISPATCH, text="供电所"), case_ids=(128,))


# ---------------------------------------------------------------- grades


@pytest.mark.parametrize(("text", "grade"), [("1", 1), ("５", 5), ("满意", 2), ("非常不满意", 5)])
def test_a_grade_under_the_result(text: str, grade: int) -> None:
    known: dict[str, Any] = {"quoted": (link("result"),), "quoted_cases": (case(state="closed"),)}
    said = outcome(text, ChatKind.RESIDENTS, RESIDENT, under="result", **known)
    assert said == d.Grade(case_id=128, grade=grade)


@pytest.mark.parametrize("text", ["1", "5", "满意"])
def test_the_same_words_in_the_group_without_a_quote_are_nothing(text: str) -> None:
    told = d.Heard(case=case(state="closed"), said_at=NOW - timedelta(minutes=5))
    assert isinstance(outcome(text, ChatKind.RESIDENTS, RESIDENT, results=(told,)), d.Nothing)


def test_a_grade_in_private_answers_what_was_asked() -> None:
    assert outcome("4", ChatKind.PRIVATE, RESIDENT, question=question("grade")) == d.Grade(case_id=128, grade=4)


def test_a_grade_in_private_means_the_only_result() -> None:
    one, two = case(state="closed"), case(id=129, state="closed")
    heard = tuple(d.Heard(case=row, said_at=NOW - timedelta(hours=1)) for row in (one, two))
    assert outcome("2", ChatKind.PRIVATE, RESIDENT, results=heard[:1]) == d.Grade(case_id=128, grade=2)
    assert outcome("2", ChatKind.PRIVATE, RESIDENT, results=heard) == d.Ask(key="grade_which")
    assert outcome("2", ChatKind.PRIVATE, RESIDENT) == d.Ask(key="not_understood")
