"""Past talks through the real program: what it would have done with them, and that nothing of them stays."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.cli.replay.conversation import Conversation, Person, Said
from bot.cli.replay.dialogues import part_of
from bot.cli.replay.outcome import Outcome
from bot.config import Config
from bot.model import Mode
from bot.replay.play import replay

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 11, 23, 10, tzinfo=ZONE)


@dataclass(frozen=True)
class Line:
    t: float
    who: str
    text: str = ""
    quotes: int | None = None
    photo: bool = False


def talk(*lines: Line, start: datetime = START, name: str = "t") -> Conversation:
    said = [
        Said(n, start + timedelta(seconds=one.t), Person(one.who, one.who, part_of(one.who)), one.text, one.quotes, int(one.photo))
        for n, one in enumerate(lines)
    ]  # fmt: skip
    return Conversation(name, name, start, tuple(said))


async def played(*talks: Conversation, mode: Mode = Mode.RESULTS) -> list[Outcome]:
    return [outcome async for outcome in replay(Config(), talks, mode=mode, heard=lambda _: None)]


async def outcome_of(*lines: Line, mode: Mode = Mode.RESULTS) -> Outcome:
    return (await played(talk(*lines), mode=mode))[0]


LAMP = Line(0, "resident A", "3号楼前的路灯不亮了")


async def test_pieces_photos_and_neighbours_make_one_case() -> None:
    """Who reported, where, who joined, and which messages it is made of."""
    outcome = await outcome_of(
        Line(0, "resident A", "大家早上好"),
        Line(300, "resident B", "早"),
        Line(600, "resident A", "3号楼前"),
        Line(606, "resident A", "路灯不亮了，黑灯瞎火的"),
        Line(612, "resident A", photo=True),
        Line(640, "resident C", "我家门口也是"),
        Line(700, "resident B", "今天菜真便宜"),
    )
    (case,) = outcome.cases
    assert (case.category, case.reporter, case.sure) == ("facility.streetlight", "resident A", True)
    assert case.place.startswith("3号楼")
    assert (case.indexes, case.supporters) == ((2, 3, 4, 5), ("resident C",))
    assert [(told.to, told.kind) for told in outcome.told if not told.changed] == [
        ("staff", "reported"),
        ("staff", "supported"),
    ]
    # 「3号楼前」 was held back before it entered with what followed; in a hot group a short word is let in, and forgotten
    assert (outcome.dropped, sum(outcome.ignored.values()), outcome.failed) == (3, 3, ())


async def test_the_worker_of_the_past_acts_in_the_replay() -> None:
    """His 「收到」 and his 「好了」, said then, bring the acceptance and the result, each quoting the report."""
    outcome = await outcome_of(
        LAMP, Line(60, "worker", "收到 马上安排", quotes=0), Line(7200, "worker", "好了 换了灯泡", quotes=0)
    )
    assert [case.state for case in outcome.cases] == ["closed"]
    group = [(told.kind, told.quote, told.case) for told in outcome.told if told.in_group]
    assert group == [("accepted", 0, 1), ("result", 0, 1)]
    assert any("换了灯泡" in told.text for told in outcome.told if told.in_group)


async def test_in_shadow_the_group_hears_nothing() -> None:
    outcome = await outcome_of(LAMP, Line(60, "worker", "收到 马上安排", quotes=0), mode=Mode.SHADOW)
    assert len(outcome.cases) == 1
    assert [told for told in outcome.told if told.in_group] == []


async def test_what_was_withdrawn_within_minutes_is_no_case() -> None:
    outcome = await outcome_of(LAMP, Line(120, "resident A", "好了不用了，自己亮了", quotes=0))
    assert outcome.cases == ()


async def test_chatter_opens_nothing_and_is_counted() -> None:
    outcome = await outcome_of(
        Line(0, "resident A", "早上好"),
        Line(5, "resident B", "接龙：1. 李婶 两箱苹果"),
        Line(9, "resident C", "今天物业发的苹果真甜"),
    )
    assert (outcome.cases, outcome.told) == ((), ())
    assert (outcome.dropped, sum(outcome.ignored.values())) == (3, 3)


async def test_a_hidden_matter_goes_to_the_confidant_alone() -> None:
    """Neither group nor staff chat hears a word of it."""
    outcome = await outcome_of(Line(0, "resident A", "我男人又打我了，脸都肿了，谁来救救我"))
    assert [case.sensitive for case in outcome.cases] == [True]
    assert {told.to for told in outcome.told} <= {"专人", "resident A"}
    assert "专人" in {told.to for told in outcome.told}


async def test_lists_come_at_their_times() -> None:
    """A talk over two days goes through the clock: what is only perhaps a case stands in the list at half past eleven."""
    outcome = await outcome_of(Line(0, "resident A", "南门的垃圾三天没收了"), Line(86400, "resident B", "早上好"))
    assert [case.sure for case in outcome.cases] == [False]
    assert [(told.at.astimezone(ZONE).strftime("%d %H:%M"), told.kind) for told in outcome.told] == [
        ("23 11:30", "list")
    ]


async def test_talks_know_nothing_of_each_other() -> None:
    """Each has a town of its own: the same report in two of them is two first cases, and order changes nothing."""
    talks = [talk(LAMP, name="a"), talk(Line(0, "resident B", "我家也是"), name="b"), talk(LAMP, name="c")]
    forward, backward = await played(*talks), await played(*reversed(talks))
    assert [[case.number for case in outcome.cases] for outcome in forward] == [[1], [], [1]]
    assert _plain(forward) == _plain(list(reversed(backward)))


def _plain(outcomes: Sequence[Outcome]) -> list[tuple[object, ...]]:
    return [(outcome.conversation.id, outcome.cases, outcome.told, outcome.dropped) for outcome in outcomes]


async def test_nothing_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs no dropped sentence is in its files; afterwards there are no files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    secret = "今天的饺子是韭菜馅儿的"
    lines = (Line(0, "resident A", secret), Line(5, "resident B", "真香"), Line(300, "resident C", LAMP.text))
    seen = []

    def look(_: int) -> None:
        seen.append(b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()))

    async for _ in replay(Config(), [talk(*lines)], mode=Mode.RESULTS, heard=look):
        pass
    look(0)
    assert any("路灯".encode() in content for content in seen)
    assert not any(secret.encode() in content for content in seen)
    assert seen[-1] == b""
