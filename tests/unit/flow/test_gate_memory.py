"""What the gate remembers and forgets: held messages, warm senders, hot chats; bounds, second deliveries, silence."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.flow import gate as gate_file
from bot.flow.gate import Gate, Windows
from bot.model import ChatKind, Inbound
from tests.fakes.paper import PaperChannel
from tests.unit.flow.small_rules import CHATTER, GROUP, LONG, REPORT, earlier, hears, later, new_gate

# ---------------------------------------------------------------- held messages


def test_held_messages_enter_with_the_one_that_passes(town: PaperChannel, gate: Gate) -> None:
    """「3号楼」 before 「路灯坏了」: of the same sender, in the same chat, oldest first, within two minutes."""
    for seconds, chat, person, text in [
        (0, GROUP, "u1", "太早了"),
        (30, GROUP, "u1", "3号楼"),
        (31, GROUP, "u2", "别人的话"),
        (32, "g2", "u1", "别的群"),
        (40, GROUP, "u1", "东边那个"),
    ]:
        assert gate.admit(town.say(chat, person, text, sent_at=later(seconds)), ChatKind.RESIDENTS) is None
    passed = gate.admit(town.say(GROUP, "u1", REPORT, sent_at=later(121)), ChatKind.RESIDENTS)
    assert earlier(passed) == ["3号楼", "东边那个"]


def test_two_halves_make_a_matter(town: PaperChannel, gate: Gate) -> None:
    """Neither half is worth anything alone; together they pass, in either order."""
    assert hears(gate, town.say(GROUP, "u1", "路灯")) is None
    assert hears(gate, town.say(GROUP, "u1", "又坏了")) == "anchor"
    assert hears(gate, town.say("g2", "u2", "坏了坏了")) is None
    assert hears(gate, town.say("g2", "u2", "路灯")) == "anchor"
    assert hears(gate, town.say("g3", "u3", "路灯")) is None
    assert hears(gate, town.say("g3", "u3", "又坏了", sent_at=later(121))) is None


def test_photos_before_and_after_a_report_enter(town: PaperChannel, gate: Gate) -> None:
    """An album's parts and a photo beside a report come in, whichever was first."""
    assert hears(gate, town.say(GROUP, "u1", photo="f1", group_key="a1")) is None
    passed = gate.admit(town.say(GROUP, "u1", REPORT, photo="f2", group_key="a1"), ChatKind.RESIDENTS)
    assert passed is not None
    assert [piece.attachments[0].ref for piece in passed.earlier] == ["f1"]
    assert hears(gate, town.say(GROUP, "u1", photo="f3", group_key="a1")) == "warm"


def test_a_photo_beside_any_passed_message_passes(town: PaperChannel, gate: Gate) -> None:
    """Also where what passed made nobody warm: a word of support, and two minutes later its photo."""
    gate.heat(GROUP, later(600))
    assert hears(gate, town.say(GROUP, "u2", "我家也是")) == "hot"
    assert hears(gate, town.say(GROUP, "u2", photo="f1", sent_at=later(119))) == "beside"
    assert hears(gate, town.say(GROUP, "u3", photo="f2", sent_at=later(119))) is None
    assert hears(gate, town.say(GROUP, "u2", photo="f3", sent_at=later(240))) is None
    assert hears(gate, town.say(GROUP, "u2", LONG, sent_at=later(119))) is None


def test_holding_can_be_switched_off(town: PaperChannel) -> None:
    """A window of nothing holds nothing."""
    gate = new_gate(Windows(held=timedelta()))
    gate.admit(town.say(GROUP, "u1", "3号楼"), ChatKind.RESIDENTS)
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)) == []


# ---------------------------------------------------------------- warm and hot


def test_a_sender_is_warm_for_ten_minutes(town: PaperChannel, gate: Gate) -> None:
    """All he says then is heard, from the platform's time of the message that passed; nobody else is warmed."""
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(600))) == "warm"
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(601))) is None
    assert hears(gate, town.say(GROUP, "u2", LONG, sent_at=later(60))) is None
    assert hears(gate, town.say("g2", "u1", LONG, sent_at=later(60))) is None


def test_warmth_does_not_feed_itself(town: PaperChannel, gate: Gate) -> None:
    """Who chats on after his report is not heard all day."""
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(590))) == "warm"
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(700))) is None


def test_warm_as_long_as_the_bot_waits(town: PaperChannel, gate: Gate) -> None:
    """Asked for the place, he may answer an hour later; answered, he is a neighbour like others."""
    gate.expect({(GROUP, "u1")})
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(3600))) == "warm"
    assert hears(gate, town.say(GROUP, "u2", LONG, sent_at=later(3600))) is None
    gate.expect(set())
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(3601))) is None


def test_a_longer_warmth_is_not_shortened(town: PaperChannel, gate: Gate) -> None:
    """What was learned from the links and what is heard now add up."""
    gate.warm(GROUP, "u1", later(900))
    gate.warm(GROUP, "u1", later(60))
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(900))) == "warm"


@pytest.mark.parametrize("text", ["我家也是", "+1", "满意", "没好", "一二三四五六七八九十一二"])
def test_a_hot_chat_hears_short_messages(town: PaperChannel, gate: Gate, text: str) -> None:
    """Ten minutes after a report what could be support or a grade passes, of anybody; what is longer does not."""
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u2", text, sent_at=later(600))) == "hot"
    assert hears(gate, town.say(GROUP, "u2", text, sent_at=later(601))) is None
    assert hears(gate, town.say("g2", "u2", text, sent_at=later(5))) is None
    assert hears(gate, town.say(GROUP, "u3", LONG, sent_at=later(5))) is None
    assert hears(gate, town.say(GROUP, "u3", "", sent_at=later(5))) is None


def test_a_result_keeps_the_chat_hot_for_a_day(town: PaperChannel, gate: Gate) -> None:
    """24 hours for a grade, and a new report does not shorten them."""
    gate.heat(GROUP, later(24 * 3600))
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u2", "满意", sent_at=later(24 * 3600))) == "hot"
    assert hears(gate, town.say(GROUP, "u2", "满意", sent_at=later(24 * 3600 + 1))) is None


def test_only_a_matter_heats(town: PaperChannel, gate: Gate) -> None:
    """A mention or a command makes its sender warm, not the whole group hot."""
    gate.admit(town.say(GROUP, "u1", CHATTER, mentions_bot=True), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u1", LONG)) == "warm"
    assert hears(gate, town.say(GROUP, "u2", "满意")) is None


def test_windows_are_configured(town: PaperChannel) -> None:
    """The grid centre's own times count."""
    gate = new_gate(Windows(warm=timedelta(minutes=1), hot=timedelta(minutes=2)))
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(61))) is None
    assert hears(gate, town.say(GROUP, "u2", "+1", sent_at=later(120))) == "hot"
    assert hears(gate, town.say(GROUP, "u2", "+1", sent_at=later(121))) is None


# ---------------------------------------------------------------- anchors decide exactly, then the rules


def test_the_rules_are_asked_only_about_anchors(town: PaperChannel) -> None:
    """Without an anchor in what was said and held, nobody classifies."""
    asked: list[str] = []

    def worth(text: str, _said: Inbound) -> bool:
        asked.append(text)
        return False

    gate = Gate(
        anchor=lambda text: "路灯" in text, worth=worth, command=lambda _: False, staff=lambda _: False, windows=None
    )
    for text in (CHATTER, LONG, "", "坏了"):
        gate.admit(town.say(GROUP, "u1", text), ChatKind.RESIDENTS)
    assert asked == []
    gate.admit(town.say(GROUP, "u2", "路灯真美"), ChatKind.RESIDENTS)
    gate.admit(town.say(GROUP, "u2", "是啊"), ChatKind.RESIDENTS)
    assert asked == ["路灯真美", "路灯真美\n是啊"]


# ---------------------------------------------------------------- twice the same, bounds, forgetting


def test_a_batch_that_comes_again_passes_again_alike(town: PaperChannel, gate: Gate) -> None:
    """The database was away: the second delivery gives the same messages with the same company."""
    batch = [
        town.say(GROUP, "u1", photo="f1"),
        town.say(GROUP, "u1", "3号楼"),
        town.say(GROUP, "u1", REPORT),
        town.say(GROUP, "u2", "哈哈哈", sent_at=later(1)),
        town.say(GROUP, "u1", LONG, sent_at=later(2)),
    ]
    batch.append(town.edit(batch[1], "3号楼北边"))
    first = [gate.admit(said, ChatKind.RESIDENTS) for said in batch]
    again = [gate.admit(said, ChatKind.RESIDENTS) for said in batch]
    assert [said and said.text for said in first] == [None, None, REPORT, "哈哈哈", LONG, "3号楼北边"]
    assert [said and said.event_key for said in again] == [said and said.event_key for said in first]
    assert [len(said.earlier) for said in again if said] == [len(said.earlier) for said in first if said]


def test_no_more_than_six_messages_of_one_sender(town: PaperChannel, gate: Gate) -> None:
    """Who talks without end is not held without end: the latest count."""
    for number in range(50):
        gate.admit(town.say(GROUP, "u1", f"闲话{number}"), ChatKind.RESIDENTS)
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)) == [f"闲话{n}" for n in range(44, 50)]


def test_memory_is_bounded(town: PaperChannel, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many people talk or are linked at once."""
    monkeypatch.setattr("bot.flow.held.MAX_PIECES", 100)
    monkeypatch.setattr(gate_file, "MAX_LINKED", 10)
    for number in range(500):
        gate.admit(town.say(GROUP, f"u{number}", CHATTER), ChatKind.RESIDENTS)
        gate.link(GROUP, f"m{number}")
    assert len(gate._held) == 100
    assert list(gate._linked) == [(GROUP, f"m{number}") for number in range(490, 500)]


def test_what_is_old_is_forgotten_whoever_speaks(town: PaperChannel, gate: Gate) -> None:
    """Two minutes on, nothing of the small talk is left, and no window that has closed."""
    for number in range(5):
        gate.admit(town.say(GROUP, "u1", CHATTER, sent_at=later(number * 30)), ChatKind.RESIDENTS)
    gate.admit(town.say(GROUP, "u2", REPORT, sent_at=later(121)), ChatKind.RESIDENTS)
    assert len(gate._held) == 4
    gate.admit(town.say("g2", "u3", CHATTER, sent_at=later(1000)), ChatKind.RESIDENTS)
    assert len(gate._held) == 1
    assert (gate._warm, gate._hot, gate._passed) == ({}, {}, {})


def test_silence_forgets_too(town: PaperChannel, gate: Gate) -> None:
    """At night nobody speaks for hours: the clock on the wall clears what the last one said."""
    gate.tend(later(0))
    gate.admit(town.say(GROUP, "u1", "3号楼"), ChatKind.RESIDENTS)
    gate.tend(later(60))
    gate.tend(later(180))
    assert len(gate._held) == 1
    gate.tend(later(181))
    assert len(gate._held) == 0


def test_a_clock_that_was_set_back_keeps_nothing_held(town: PaperChannel, gate: Gate) -> None:
    """Nobody can tell how old it is; a correction of a moment harms nothing."""
    assert gate.admit(town.say(GROUP, "u1", "3号楼", sent_at=later(3600)), ChatKind.RESIDENTS) is None
    gate.tend(later(3600))
    gate.tend(later(3590))
    assert len(gate._held) == 1
    gate.tend(later(0))
    assert len(gate._held) == 0


def test_messages_of_a_backlog_find_each_other(town: PaperChannel, gate: Gate) -> None:
    """After an outage an hour of messages comes at once: the platform's time decides, not ours."""
    gate.admit(town.say("g2", "u9", CHATTER, sent_at=later(3600)), ChatKind.RESIDENTS)
    gate.admit(town.say(GROUP, "u1", "3号楼", sent_at=later(10)), ChatKind.RESIDENTS)
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT, sent_at=later(20)), ChatKind.RESIDENTS)) == ["3号楼"]
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(619))) == "warm"
    assert hears(gate, town.say(GROUP, "u1", LONG, sent_at=later(3600))) is None


def test_counters_tell_what_became_of_all(town: PaperChannel, gate: Gate) -> None:
    """「闲聊保存 0 条」 counts on them."""
    for text in (CHATTER, LONG, REPORT, "我再说一句"):
        gate.admit(town.say(GROUP, "u1", text), ChatKind.RESIDENTS)
    assert (gate.counters.passed, gate.counters.dropped) == (2, 2)
    assert gate.counters.by_reason == {"anchor": 1, "warm": 1}


def test_nothing_is_logged(town: PaperChannel, gate: Gate, caplog: pytest.LogCaptureFixture) -> None:
    """Neither what is held nor what passes leaves a word in the logs."""
    caplog.set_level(logging.DEBUG)
    for text in (CHATTER, REPORT, LONG):
        gate.admit(town.say(GROUP, "u1", text), ChatKind.RESIDENTS)
    assert caplog.text == ""
