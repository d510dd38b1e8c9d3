"""Properties of the gate: any stream of events, any rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow.gate import Gate, Windows
from bot.flow.hearing import command_ear
from bot.model import Attachment, ChatKind, Inbound, InboundKind, Sender
from bot.talk.commands import parse
from bot.talk.verbs import CASE_WORDS, PLAIN_WORDS, SOFT_WORDS
from tests.fakes.paper import START

MESSAGES = st.builds(
    Inbound,
    account=st.just("paper:main"),
    event_key=st.text(max_size=6),
    kind=st.sampled_from(InboundKind),
    chat=st.sampled_from(["g1", "g2"]),
    private=st.booleans(),
    sent_at=st.integers(0, 1200).map(lambda seconds: START + timedelta(seconds=seconds)),
    sender=st.builds(Sender, st.sampled_from(["u1", "u2", "w1"]), st.just("某"), is_bot=st.booleans()),
    message_id=st.none() | st.sampled_from(["1", "2", "3"]),
    text=st.text(max_size=30),
    reply_to=st.none() | st.sampled_from(["1", "2", "3"]),
    reply_to_bot=st.booleans(),
    mentions_bot=st.booleans(),
    attachments=st.just(()) | st.just((Attachment("photo", "f"),)),
    group_key=st.none() | st.just("a"),
)
STREAM = st.lists(st.tuples(MESSAGES, st.sampled_from(ChatKind)), max_size=25)


def gate_that(*, anchors: bool, matters: bool = True, windows: Windows | None = None) -> Gate:
    return Gate(
        anchor=lambda _: anchors,
        worth=lambda _text, _said: matters,
        command=lambda said: said.text.startswith("a"),
        staff=lambda said: said.sender.native_id == "w1",
        windows=windows,
    )


@given(STREAM, st.booleans(), st.booleans())
def test_any_stream_is_judged(stream: list[tuple[Inbound, ChatKind]], anchors: bool, matters: bool) -> None:
    """Admitting never raises, counts everything, and lets each message through as it came, with company at most."""
    gate = gate_that(anchors=anchors, matters=matters)
    for said, kind in stream:
        passed = gate.admit(said, kind)
        if passed is not None:
            assert (passed.event_key, passed.text, passed.chat) == (said.event_key, said.text, said.chat)
            assert {piece.chat for piece in passed.earlier} <= {said.chat}
    assert gate.counters.passed + gate.counters.dropped == len(stream)
    assert sum(gate.counters.by_reason.values()) == gate.counters.passed


@given(STREAM, st.booleans())
def test_no_anchor_no_report(stream: list[tuple[Inbound, ChatKind]], matters: bool) -> None:
    """Rule 8: where no rule could fire, nothing passes as a report, whatever is put together and edited."""
    gate = gate_that(anchors=False, matters=matters)
    for said, kind in stream:
        gate.admit(said, kind)
    assert "anchor" not in gate.counters.by_reason


@given(STREAM)
def test_a_drop_leaves_nothing_but_the_hold(stream: list[tuple[Inbound, ChatKind]]) -> None:
    """A message that was dropped warms nobody, heats nothing, links nothing; it is held, of talk in bound groups only."""
    gate = gate_that(anchors=False)
    for said, kind in stream:
        before = (dict(gate._warm), dict(gate._hot), dict(gate._linked), dict(gate._passed), len(gate._held))
        if gate.admit(said, kind) is not None:
            continue
        warm, hot, linked, passed, held = before
        assert gate._warm.items() <= warm.items()  # windows may have closed meanwhile
        assert gate._hot.items() <= hot.items()
        assert gate._passed.items() <= passed.items()
        assert gate._linked == linked
        if kind is not ChatKind.RESIDENTS or said.kind is not InboundKind.MESSAGE:
            assert len(gate._held) <= held


@given(STREAM)
def test_the_hold_is_bounded(stream: list[tuple[Inbound, ChatKind]]) -> None:
    """Never more than six pieces a sender; after the window and one more message only that one is left."""
    gate = gate_that(anchors=False)
    for said, kind in stream:
        gate.admit(said, kind)
        assert all(len(pieces) <= 6 for pieces in gate._held._pieces.values())
    last = Inbound(
        "paper:main", "last", InboundKind.MESSAGE, "g9", False, START + timedelta(days=1), Sender("u9", "某")
    )
    gate.admit(last, ChatKind.RESIDENTS)
    assert len(gate._held) == 1


@given(STREAM, st.integers(0, 24))
def test_a_second_delivery_is_admitted_alike(stream: list[tuple[Inbound, ChatKind]], cut: int) -> None:
    """A batch of distinct events that comes twice passes the same messages the second time."""
    unique = {said.event_key: (said, kind) for said, kind in stream if said.kind is InboundKind.MESSAGE}
    batch = sorted(unique.values(), key=lambda item: item[0].sent_at)[:cut]
    batch = [item for item in batch if item[0].sent_at - batch[0][0].sent_at < timedelta(minutes=2)]
    gate = gate_that(anchors=True, matters=False)
    first = [gate.admit(said, kind) for said, kind in batch]
    again = [gate.admit(said, kind) for said, kind in batch]
    for one, other in zip(first, again, strict=True):
        assert one is None or one == other


WORDS = [*CASE_WORDS, *SOFT_WORDS, *PLAIN_WORDS, "上报", "查詢", "詳情", "幫助", "重辦"]
LIKELY = st.lists(
    st.sampled_from(
        [
            *WORDS,
            "128",
            "№128",
            "１２８",
            " ",
            "，",
            "@桥 ",
        ]
    )
    | st.text(max_size=4),
    max_size=5,
).map("".join)


@settings(max_examples=400)
@given(LIKELY, st.booleans(), st.none() | st.just("900"))
def test_the_quick_ear_hears_what_the_grammar_hears(text: str, worker: bool, quoted: str | None) -> None:
    """Looking for a few characters first loses no command."""
    assert heard(text, worker, quoted) == understood(text, worker, quoted)


@pytest.mark.parametrize("worker", [False, True])
@pytest.mark.parametrize("shape", ["{}", "{} 128", "{}128", "128 {}", "№128 {}", "{} 门口的灯", "@桥 {} 128"])
def test_the_quick_ear_knows_every_word_of_the_grammar(shape: str, worker: bool) -> None:
    """Each verb in each of its places, of residents and staff."""
    for text in map(shape.format, WORDS):
        for quoted in (None, "900"):
            assert heard(text, worker, quoted) == understood(text, worker, quoted), text


def heard(text: str, worker: bool, quoted: str | None) -> bool:
    said = Inbound("paper:main", "1", InboundKind.MESSAGE, "g1", False, START, Sender("u1", "某"), None, text, quoted)
    return command_ear(lambda _: worker)(said)


def understood(text: str, worker: bool, quoted: str | None) -> bool:
    role: Literal["worker", "resident"] = "worker" if worker else "resident"
    return parse(text, role=role, quoted="other" if quoted else "none", private=False) is not None
