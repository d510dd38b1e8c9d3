"""Decisions that need more than a conversation: questions, results, reports on purpose, private chats, edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import ChatKind, InboundKind, Sender
from bot.talk import decisions as d
from bot.talk.commands import Command, Verb
from tests.unit.talk.moments import NEIGHBOUR, PHOTO, RESIDENT, WORKER, link, message, outcome, question
from tests.unit.talk.samples import NOW, case

# ---------------------------------------------------------------- what the bot waits for


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("place", "5号楼后面", {}),
        ("photo", "", {"attachments": (PHOTO,)}),
        ("contact", "可以", {}),
        ("result", "换了灯泡", {"reply_to_bot": True}),
        ("reason", "不归我们管", {"mentions_bot": True}),
    ],
)
def test_an_answer_is_taken(kind: str, text: str, said: dict[str, Any]) -> None:
    asked = question(kind)
    answer = outcome(text, ChatKind.RESIDENTS, RESIDENT, question=asked, said=said)
    assert isinstance(answer, d.Answer)
    assert (answer.question, answer.text) == (asked, text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("place", "哈哈"), ("photo", "等下发"), ("contact", "你们吃了吗"), ("result", "今天开会吗"), ("reason", "好的")],
)
def test_other_talk_is_no_answer(kind: str, text: str) -> None:
    assert isinstance(outcome(text, ChatKind.RESIDENTS, RESIDENT, question=question(kind)), d.Nothing)


def test_a_question_that_ran_out_waits_no_more() -> None:
    said = outcome("5号楼后面", ChatKind.RESIDENTS, RESIDENT, question=question("place", minutes=-1))
    assert isinstance(said, d.Nothing)


def test_a_command_comes_before_a_question() -> None:
    said = outcome("待办", ChatKind.PRIVATE, WORKER, question=question("result"))
    assert said == d.Do(command=Command(verb=Verb.TODO))


# ---------------------------------------------------------------- results


def results(*cases: Any, hours: float = 1) -> tuple[d.Heard, ...]:
    return tuple(d.Heard(case=row, said_at=NOW - timedelta(hours=hours)) for row in cases)


def test_not_fixed_without_a_quote_only_if_one_result_fits() -> None:
    """By the reporter, within a day; a named place decides between two."""
    lamp, drain = case(state="closed"), case(id=129, state="closed", place="5号楼")
    said = outcome("没好", ChatKind.RESIDENTS, RESIDENT, results=results(lamp))
    assert said == d.NotFixed(case_id=128, text="没好")
    assert isinstance(outcome("没好", ChatKind.RESIDENTS, RESIDENT, results=results(lamp, drain)), d.Nothing)
    assert outcome("5号楼还没好", ChatKind.RESIDENTS, RESIDENT, results=results(lamp, drain)) == d.NotFixed(
        case_id=129, text="5号楼还没好"
    )
    assert isinstance(outcome("没好", ChatKind.RESIDENTS, RESIDENT, results=results(lamp, hours=25)), d.Nothing)
    assert isinstance(outcome("没好", ChatKind.RESIDENTS, NEIGHBOUR, results=results(lamp)), d.Nothing)


def test_not_fixed_in_private_is_asked_back_if_two_fit() -> None:
    two = results(case(state="closed"), case(id=129, state="closed"))
    assert outcome("没好", ChatKind.PRIVATE, RESIDENT, results=two) == d.Ask(key="not_fixed_which")


def test_thanks_under_a_result_are_nothing() -> None:
    known: dict[str, Any] = {"quoted": (link("result"),), "quoted_cases": (case(state="closed"),)}
    assert isinstance(outcome("谢谢啦", ChatKind.RESIDENTS, RESIDENT, under="result", **known), d.Nothing)


# ---------------------------------------------------------------- reports on purpose


def test_a_worker_reports_in_so_many_words() -> None:
    said = outcome("上报 3号楼前面的路灯不亮了", ChatKind.STAFF, WORKER)
    assert isinstance(said, d.NewReport)
    assert (said.how, said.text, said.place) == ("asked", "3号楼前面的路灯不亮了", "3号楼前面")


def test_a_patrol_and_a_report_for_another() -> None:
    patrol = outcome("巡查 东渠护栏断了五六米", ChatKind.STAFF, WORKER)
    assert isinstance(patrol, d.NewReport)
    assert (patrol.how, patrol.text) == ("patrol", "东渠护栏断了五六米")
    proxy = outcome("代 王大娘 报 3号楼前面的路灯不亮了", ChatKind.PRIVATE, WORKER)
    assert isinstance(proxy, d.NewReport)
    assert (proxy.how, proxy.for_name) == ("proxy", "王大娘")


def test_a_worker_makes_a_report_of_what_he_quotes() -> None:
    """The quoted words come from the platform, or from the gate, which still holds the message."""
    by_text = outcome("上报", ChatKind.RESIDENTS, WORKER, under="other", quoted_text="门口的路灯不亮了")
    assert isinstance(by_text, d.NewReport)
    assert (by_text.text, by_text.from_quote) == ("门口的路灯不亮了", True)
    held = message("门口的路灯不亮了", message_id="m1", sender=Sender("v", "v"), attachments=(PHOTO,))
    by_gate = outcome("上报", ChatKind.RESIDENTS, WORKER, under="other", said={"earlier": (held,)})
    assert isinstance(by_gate, d.NewReport)
    assert (by_gate.text, by_gate.photos, by_gate.pieces) == ("门口的路灯不亮了", (PHOTO,), ("m1", "m9"))


def test_a_report_without_words_is_asked_back_where_the_bot_was_addressed() -> None:
    assert outcome("上报", ChatKind.PRIVATE, WORKER) == d.Ask(key="report_what")


def test_words_forwarded_by_a_worker_in_private_are_a_residents_report() -> None:
    said = outcome("3号楼前面的路灯不亮了，黑得很", ChatKind.PRIVATE, WORKER)
    assert isinstance(said, d.NewReport)
    assert said.how == "relay"


def test_talk_in_a_staff_chat_is_no_report() -> None:
    said = outcome("昨天路灯的事怎么样了", ChatKind.STAFF, WORKER)
    assert isinstance(said, d.Nothing)


# ---------------------------------------------------------------- addressed or not


@pytest.mark.parametrize(
    ("text", "kind", "said", "expected"),
    [
        ("你是谁呀能干啥", ChatKind.PRIVATE, {}, "not_understood"),
        ("你好", ChatKind.PRIVATE, {}, "hello"),
        ("这个怎么弄来着", ChatKind.RESIDENTS, {"mentions_bot": True}, "not_understood"),
    ],
)
def test_what_is_not_understood_is_answered_where_the_bot_was_addressed(
    text: str, kind: ChatKind, said: dict[str, Any], expected: str
) -> None:
    assert outcome(text, kind, RESIDENT, said=said) == d.Ask(key=expected)


@pytest.mark.parametrize("kind", [ChatKind.RESIDENTS, ChatKind.STAFF, ChatKind.UNIT])
def test_what_is_not_understood_in_a_group_stays_unanswered(kind: ChatKind) -> None:
    assert isinstance(outcome("这个怎么弄来着", kind, RESIDENT), d.Nothing)


def test_thanks_in_private_stay_unanswered() -> None:
    assert isinstance(outcome("谢谢", ChatKind.PRIVATE, RESIDENT), d.Nothing)


def test_a_chat_nobody_bound_is_not_listened_to() -> None:
    said = outcome("3号楼前面的路灯不亮了", ChatKind.UNKNOWN, RESIDENT)
    assert said == d.Nothing(reason="unbound chat")


# ---------------------------------------------------------------- edits, sensitive matters, strangers


def test_an_edit_of_a_report_is_more_about_it() -> None:
    known: dict[str, Any] = {
        "quoted": (link("report"),),
        "speaker_cases": (d.Heard(case=case(state="reported"), said_at=NOW),),
    }
    said = outcome("3号楼后面的路灯不亮了", ChatKind.RESIDENTS, RESIDENT, said={"kind": InboundKind.EDIT}, **known)
    assert isinstance(said, d.Supplement)
    assert (said.case_id, said.text) == (128, "3号楼后面的路灯不亮了")


def test_a_recall_is_no_talk() -> None:
    assert isinstance(outcome("", ChatKind.RESIDENTS, RESIDENT, said={"kind": InboundKind.RECALL}), d.Nothing)


def test_nobody_supports_what_must_stay_out_of_the_group() -> None:
    hidden = d.Heard(case=case(category="dispute.family", sensitive="private"), said_at=NOW - timedelta(minutes=1))
    assert isinstance(outcome("我家也是", ChatKind.RESIDENTS, NEIGHBOUR, chat_cases=(hidden,)), d.Nothing)


def test_an_anonymous_sender_can_report_and_support() -> None:
    nobody = d.Speaker(person_id=None)
    assert isinstance(outcome("3号楼前面的路灯不亮了", ChatKind.RESIDENTS, nobody), d.NewReport)
    lamp = d.Heard(case=case(), said_at=NOW - timedelta(minutes=1))
    assert isinstance(outcome("我家也是", ChatKind.RESIDENTS, nobody, chat_cases=(lamp,)), d.Support)


def test_called_off_by_another_under_the_report_changes_nothing() -> None:
    known: dict[str, Any] = {"quoted": (link("report"),), "quoted_cases": (case(),)}
    assert isinstance(outcome("好了不用了", ChatKind.RESIDENTS, NEIGHBOUR, under="report", **known), d.Nothing)
    assert outcome("好了不用了", ChatKind.RESIDENTS, RESIDENT, under="report", **known) == d.Withdraw(
        case_id=128, text="好了不用了"
    )


def test_deciding_twice_gives_the_same() -> None:
    """Nothing is remembered between two messages."""
    first = outcome("3号楼前面的路灯不亮了", ChatKind.RESIDENTS, RESIDENT)
    assert first == outcome("3号楼前面的路灯不亮了", ChatKind.RESIDENTS, RESIDENT)
    assert isinstance(first, d.NewReport)
    assert replace(first, text="") != first
