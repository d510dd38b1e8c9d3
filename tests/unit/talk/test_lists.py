"""Lists and longer answers, read as they arrive on a phone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.talk import lists
from storage.records import EventRow
from tests.unit.talk.samples import NOW, VOICE, case


def test_the_todo_list_numbers_its_cases() -> None:
    rows = [
        case(id=9, yellow_at=NOW - timedelta(hours=1), due_at=NOW + timedelta(hours=3)),
        case(id=4, state="reported", due_at=None),
    ]
    listed = lists.todo(rows, VOICE, NOW)
    assert listed.items == (9, 4)
    assert listed.text.splitlines() == [
        "手上 2 件，1 件快到期或已到期：",
        "1. №9 3号楼前路灯 · 已受理 · 今天13点",
        "2. №4 3号楼前路灯 · 待核实",
        "回“1 好了”“1、3 确认”就行。",
    ]


def test_a_long_todo_list_is_cut_and_says_so() -> None:
    listed = lists.todo([case(id=n) for n in range(1, 20)], VOICE, NOW)
    assert listed.items == tuple(range(1, lists.LINES + 1))
    assert "还有 7 件" in listed.text


def test_nothing_to_do_reads_kindly() -> None:
    assert lists.todo([], VOICE, NOW) == lists.Listed("手上没有要办的，歇会儿吧。", ())


def test_the_digest_shows_the_words_that_were_said() -> None:
    listed = lists.digest([case(id=9, text="灯好像\n又灭了")], VOICE, NOW)
    assert listed.items == (9,)
    assert "1. №9 3号楼前路灯：灯好像 又灭了" in listed.text


def test_reminders_are_gathered() -> None:
    assert lists.reminders(["一件快到期。"], VOICE) == "一件快到期。"
    assert lists.reminders(["甲。", "乙。"], VOICE) == "有 2 件要看一下：\n1. 甲。\n2. 乙。"


def test_a_reporter_reads_states_in_his_words() -> None:
    rows = [case(state="dispatched"), case(id=9, state="declined", clock=None)]
    assert lists.mine(rows, VOICE, NOW).splitlines()[1:] == [
        "№128 3号楼前路灯：已交给单位去办，最迟明天18点回话",
        "№9 3号楼前路灯：没有按事件办理",
    ]
    assert lists.mine([], VOICE, NOW).startswith("您还没有报过事")


def test_a_query_tells_the_result() -> None:
    done = case(state="closed", closed_at=NOW, result_text="换了灯泡", clock=None)
    assert lists.query(done, VOICE, NOW) == "№128 3号楼前路灯：办好了，王芳负责。结果：换了灯泡"


def test_details_show_the_history_and_late_entries() -> None:
    event = EventRow(
        id=1, case_id=128, version=2, at=NOW, recorded_at=NOW + timedelta(hours=1), action="accept", actor_id=5,
        from_state="reported", to_state="accepted", data={"reason": "", "text": "我去看"},
    )  # fmt: skip
    said = lists.detail(case(source="patrol"), [event], VOICE, NOW, supporters=2).splitlines()
    assert said[0] == "№128 3号楼前路灯 · 已受理"
    assert "上报：张姐，来自巡查；负责：王芳" in said
    assert said[-1] == "3月4日 10:00 王芳确认：我去看（补录）"
    soon = replace(event, recorded_at=NOW + timedelta(seconds=8))  # the time it takes to hear of it is no late entry
    assert lists.detail(case(), [soon], VOICE, NOW).splitlines()[-1] == "3月4日 10:00 王芳确认：我去看"


def test_the_ledger_lists_every_case() -> None:
    rows = [case(state="closed", result_text="换了灯泡"), case(id=9)]
    said = lists.ledger(rows, "3月", VOICE, NOW)
    assert said.splitlines()[0] == "3月台账：2 件，办结 1 件。"
    assert said.splitlines()[1] == "№128 今天9点 3号楼前路灯：已办结，换了灯泡"
    assert lists.ledger([], "3月", VOICE, NOW) == "3月没有件。"


def test_figures_leave_out_what_nobody_answered() -> None:
    assert lists.stats("本月", 12, 10, VOICE, rate="90%") == "本月您这儿：收到 12 件，办结 10 件，按期 90%。"
    assert lists.stats("本月", 0, 0, VOICE) == "本月还没有件。"


def test_help_is_for_what_one_is() -> None:
    assert "派 供电所" in lists.help_for(frozenset({"grid_worker"}), VOICE)
    assert "处置完成" in lists.help_for(frozenset({"handler"}), VOICE)
    assert "督办" in lists.help_for(frozenset({"supervisor"}), VOICE)
    assert "派 供电所" not in lists.help_for(frozenset(), VOICE)


def test_a_result_to_paste_is_never_a_sensitive_one() -> None:
    assert (
        lists.to_paste(case(result_text="换了灯泡"), VOICE, NOW)
        == "3号楼前路灯处理好了：换了灯泡。要是还没好，在群里说一声。"
    )
    assert lists.to_paste(case(sensitive="private"), VOICE, NOW) is None
