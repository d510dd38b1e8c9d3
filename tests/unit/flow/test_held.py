"""What the gate holds back has an end, and one who talks without end takes nothing from the others."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta

import pytest

from bot.flow import held as held_file
from bot.flow.held import PER_SENDER, Held
from tests.fakes.paper import START, PaperChannel

WINDOW = timedelta(minutes=2)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    monkeypatch.setattr(held_file, "MAX_PIECES", 100)
    return Held(WINDOW)


def test_a_flood_of_one_pushes_nobody_out(town: PaperChannel, held: Held) -> None:
    """Ten thousand messages of one sender in another group: what a neighbour said before is still there."""
    held.add(town.say("g2", "quiet", "3号楼", sent_at=START), anchored=False)
    for number in range(10_000):
        held.add(town.say("g1", "loud", f"话{number}", sent_at=START + timedelta(milliseconds=number)), anchored=False)
    after = town.say("g2", "quiet", "路灯坏了", sent_at=START + timedelta(seconds=30))
    assert [piece.inbound.text for piece in held.before(after)] == ["3号楼"]
    assert len(held) == PER_SENDER + 1


def test_many_senders_and_long_texts_are_bounded(town: PaperChannel, held: Held) -> None:
    """The oldest are forgotten first; a long text counts for several."""
    for number in range(300):
        held.add(town.say("g1", f"u{number}", "话", sent_at=START + timedelta(milliseconds=number)), anchored=False)
    assert len(held) == 100
    assert held.of(("g1", "u299"))
    assert not held.of(("g1", "u199"))
    for number in range(60):
        held.add(town.say("g1", f"l{number}", "话" * 4000, sent_at=START + timedelta(seconds=number)), anchored=False)
    assert len(held) < 12


def test_time_recalls_and_edits_free_what_they_held(town: PaperChannel, held: Held) -> None:
    """Else a place taken once would be lost for ever."""
    for minute in range(5):
        at = START + timedelta(minutes=3 * minute)
        held.purge(at)
        for number in range(90):
            one = town.say("g1", f"u{number}", "话", sent_at=at)
            held.add(one, anchored=False)
            held.change(town.edit(one, "话" * 900), anchored=False)
            held.change(town.recall(one), anchored=False)
            held.add(town.say("g1", f"u{number}", "别的话", sent_at=at), anchored=False)
        assert len(held) == 90
    held.purge(START + timedelta(hours=1))
    assert len(held) == 0


def test_ten_thousand_messages_take_no_memory(town: PaperChannel) -> None:
    """Six pieces of one sender, however much he says."""
    held = Held(WINDOW)
    tracemalloc.start()
    for number in range(10_000):
        held.add(town.say("g1", "loud", f"{number}" * 200, sent_at=START), anchored=False)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 2_000_000
