"""What passes the gate, sentence by sentence of rule 7 (architecture.md): by itself, or as an edit, recall or quote."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flow.gate import Gate
from bot.model import Attachment, ChatKind, InboundKind, Sender
from tests.fakes.paper import PaperChannel
from tests.unit.flow.small_rules import CHATTER, GROUP, LONG, REPORT, WORKER, earlier, hears, later

# ---------------------------------------------------------------- what passes by itself


@pytest.mark.parametrize(
    ("text", "fields", "reason"),
    [
        (CHATTER, {}, None),
        ("", {}, None),
        ("路灯真好看", {}, None),
        (REPORT, {}, "anchor"),
        (CHATTER, {"mentions_bot": True}, "addressed"),
        ("1", {"reply_to": "900", "reply_to_bot": True}, "addressed"),
        ("查询 128", {}, "command"),
        (CHATTER, {"reply_to": "900"}, None),
        ("", {"attachments": (Attachment("photo", "f1"),)}, None),
    ],
)
def test_a_message_in_a_residents_group(
    town: PaperChannel, gate: Gate, text: str, fields: dict[str, object], reason: str | None
) -> None:
    """Mentions, answers to the bot, commands and what the rules take for a matter pass; all other talk does not."""
    assert hears(gate, town.say(GROUP, "u1", text, **fields)) == reason


@pytest.mark.parametrize("kind", [ChatKind.STAFF, ChatKind.UNIT, ChatKind.PRIVATE])
def test_staff_unit_and_private_chats_pass_whole(town: PaperChannel, gate: Gate, kind: ChatKind) -> None:
    """Where people talk to the bot, every message, edit and recall passes."""
    said = town.say("c2", "u1", CHATTER)
    for event in (said, town.edit(said, "好吧"), town.recall(said)):
        assert hears(gate, event, kind) == "chat"


def test_private_is_private_whatever_the_directory_says(town: PaperChannel, gate: Gate) -> None:
    """A private chat the directory does not know yet passes, too."""
    assert hears(gate, town.say("p:u1", "u1", CHATTER), ChatKind.UNKNOWN) == "chat"


@pytest.mark.parametrize("kind", list(ChatKind))
@pytest.mark.parametrize(
    "event", [InboundKind.JOINED, InboundKind.LEFT, InboundKind.MIGRATED, InboundKind.BUTTON], ids=str
)
def test_events_pass_everywhere(town: PaperChannel, gate: Gate, kind: ChatKind, event: InboundKind) -> None:
    """Joining, leaving, migration and buttons pass in every chat, even caused by a platform's own bot."""
    said = replace(town.say(GROUP, "u1"), kind=event)
    assert hears(gate, said, kind) == "event"
    assert hears(gate, replace(said, sender=Sender("bot", "群管", is_bot=True)), kind) == "event"


@pytest.mark.parametrize("kind", list(ChatKind))
def test_bots_are_never_heard(town: PaperChannel, gate: Gate, kind: ChatKind) -> None:
    """Another bot's words are no report, and are not held."""
    robot = Sender("b9", "天气", is_bot=True)
    assert hears(gate, replace(town.say(GROUP, "b9", REPORT), sender=robot), kind) is None
    assert earlier(gate.admit(replace(town.say(GROUP, "b9", REPORT)), ChatKind.RESIDENTS)) == []


def test_an_unbound_group_is_deaf(town: PaperChannel, gate: Gate) -> None:
    """Nobody bound the group: its talk is neither heard nor held; who speaks to the bot, or staff's command, is."""
    unbound = ChatKind.UNKNOWN
    assert hears(gate, town.say(GROUP, "u1", "3号楼"), unbound) is None
    assert hears(gate, town.say(GROUP, "u1", REPORT), unbound) is None
    assert hears(gate, town.say(GROUP, "u1", "查询 128"), unbound) is None
    assert hears(gate, town.say(GROUP, "u1", CHATTER, mentions_bot=True), unbound) == "addressed"
    assert hears(gate, town.say(GROUP, WORKER, "上报"), unbound) == "command"
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)) == []


# ---------------------------------------------------------------- edits, recalls, quotes


def test_edits_recalls_and_quotes_of_a_linked_message_pass(town: PaperChannel, gate: Gate) -> None:
    """Whatever happens to a message of a case is heard, from anybody; in another chat the same id is another message."""
    said = town.say(GROUP, "u1", CHATTER)
    gate.link(GROUP, said.message_id or "")
    assert hears(gate, town.edit(said, "改一下")) == "linked"
    assert hears(gate, town.recall(said)) == "linked"
    assert hears(gate, town.say(GROUP, "u2", "没好", reply_to=said.message_id)) == "linked"
    assert hears(gate, town.say("g2", "u2", "没好", reply_to=said.message_id)) is None
    assert hears(gate, replace(town.edit(said, "改一下"), chat="g2")) is None


def test_a_report_is_linked_before_it_is_a_case(town: PaperChannel, gate: Gate) -> None:
    """An edit may overtake the dispatch of the report it corrects."""
    said = town.say(GROUP, "u1", REPORT)
    assert hears(gate, said) == "anchor"
    assert hears(gate, town.recall(said)) == "linked"


def test_an_edit_changes_what_is_held(town: PaperChannel, gate: Gate) -> None:
    """What enters is what was meant in the end, in the place where it was said."""
    for text in ("5号楼", "靠北那边"):
        gate.admit(said := town.say(GROUP, "u1", text), ChatKind.RESIDENTS)
        if text == "5号楼":
            first = said
    assert hears(gate, town.edit(first, "3号楼")) is None
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)) == ["3号楼", "靠北那边"]


@pytest.mark.parametrize("by", ["u1", "admin"])
def test_a_recall_takes_back_what_is_held(town: PaperChannel, gate: Gate, by: str) -> None:
    """Recalled by its author or by the group's owner: gone, and it enters with nothing."""
    said = town.say(GROUP, "u1", "老王真讨厌")
    gate.admit(said, ChatKind.RESIDENTS)
    assert hears(gate, town.recall(said, sender=Sender(by, by))) is None
    assert earlier(gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)) == []


def test_chatter_edited_into_a_report_passes(town: PaperChannel, gate: Gate) -> None:
    """An edit is judged like a message, alone and after what was said before, never after its own old wording."""
    gate.admit(town.say(GROUP, "u1", "路灯"), ChatKind.RESIDENTS)
    said = town.say(GROUP, "u1", "坏蛋")
    gate.admit(replace(said, text="唉"), ChatKind.RESIDENTS)
    passed = gate.admit(town.edit(said, "坏了"), ChatKind.RESIDENTS)
    assert earlier(passed) == ["路灯"]
    alone = town.say(GROUP, "u2", "早")
    gate.admit(alone, ChatKind.RESIDENTS)
    assert hears(gate, town.edit(alone, REPORT)) == "anchor"


def test_a_warm_senders_edit_passes(town: PaperChannel, gate: Gate) -> None:
    """His supplement was heard, so is its correction."""
    gate.admit(town.say(GROUP, "u1", REPORT), ChatKind.RESIDENTS)
    more = town.say(GROUP, "u1", "在3好楼", sent_at=later(60))
    assert hears(gate, more) == "warm"
    assert hears(gate, town.edit(more, "在3号楼")) == "warm"


def test_staff_make_a_report_of_what_is_held(town: PaperChannel, gate: Gate) -> None:
    """A worker's quote of a neighbour's message brings that message in; a resident's quote of it does not pass."""
    said = town.say(GROUP, "u1", LONG)
    gate.admit(said, ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, "u2", "真的吗", reply_to=said.message_id)) is None
    taken = gate.admit(
        town.say(GROUP, WORKER, "看一下", reply_to=said.message_id, sent_at=later(30)), ChatKind.RESIDENTS
    )
    assert earlier(taken) == [LONG]
    late = town.say(GROUP, WORKER, "看一下", reply_to=said.message_id, sent_at=later(700))
    assert hears(gate, late) is None


def test_a_quote_finds_nothing_in_another_chat(town: PaperChannel, gate: Gate) -> None:
    """Native ids count within their chat only."""
    said = town.say("g2", "u1", LONG)
    gate.admit(said, ChatKind.RESIDENTS)
    assert hears(gate, town.say(GROUP, WORKER, "看一下", reply_to=said.message_id)) is None
