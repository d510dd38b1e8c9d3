"""The dialogue does not depend on how its messages arrive: one by one, all at once, or in any batches between."""

from __future__ import annotations

from functools import cache, lru_cache

from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.keyword import Classifier
from classifiers.verdict import Verdict
from tests.unit.talk.simulator import Turn, World, play
from tests.unit.talk.test_dialogue import CONVERSATIONS, Told, told


@cache
def classifier() -> Classifier:
    return Classifier.load()


@lru_cache(maxsize=20_000)
def understand(text: str) -> Verdict:
    return classifier().classify(text)


def run(turns: list[Turn], batches: list[int]) -> World:
    return play(turns, understand, classifier().has_anchor, batches)


SAID = (
    """
3号楼|5号楼后面|二单元|3号楼前面的路灯不亮了|楼下的路灯又不亮了，黑得很|8号楼前面的路灯也不亮了|3号楼停电了|6号楼门口井盖塌了一半
2号楼下水道堵了，污水往外冒|一单元门口都是水|我家也是|+1|同|对面那盏也灭了|不对，是5号楼|说错了 9号楼|来电了|来电了吗|好了不用了
谢谢|早上好|哈哈|在哪儿|今天豆腐卖完没|1|收到|都三天了没人管|还有，南门的垃圾没人收|我家有电啊|👍|没好啊|
""".replace("\n", "|")
    .strip("|")
    .split("|")
)
WHO = ("张", "李", "王", "worker")


@st.composite
def conversations(draw: st.DrawFn) -> list[Turn]:
    """Up to 14 turns of four people, seconds to a quarter of an hour apart, some with photos and quotes."""
    turns: list[Turn] = []
    at = 0.0
    for number in range(draw(st.integers(2, 14))):
        at += draw(st.sampled_from([1, 5, 20, 60, 110, 130, 400, 700, 1000]))
        text = draw(st.sampled_from(SAID))
        quotes = draw(st.none() | st.integers(0, number - 1)) if number else None
        photo = not text or draw(st.integers(0, 5)) == 0
        turns.append(Turn(at, draw(st.sampled_from(WHO)), text, quotes, photo))
    return turns


def kept(world: World) -> list[tuple[Told, str]]:
    """What stays of a conversation: the cases with all that belongs to them, and their words."""
    return list(zip(told(world), [case.text for case in world.cases.values()], strict=True))


@settings(max_examples=250, deadline=None)
@given(conversations(), st.lists(st.integers(1, 8), max_size=14))
def test_batches_do_not_change_the_cases(turns: list[Turn], batches: list[int]) -> None:
    """Same cases, places, reporters, supporters and messages, however the arrival was cut."""
    assert kept(run(turns, batches)) == kept(run(turns, []))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(CONVERSATIONS)), st.lists(st.integers(1, 6), max_size=6))
def test_the_written_conversations_come_out_the_same_in_batches(name: str, batches: list[int]) -> None:
    turns, expected = CONVERSATIONS[name]
    if any(case.state in ("closed", "accepted") for case in expected):
        batches = [1] * len(turns)  # nobody answers a result before it is posted
    assert told(run(turns, batches)) == expected


@settings(max_examples=150, deadline=None)
@given(conversations())
def test_every_message_belongs_to_at_most_one_report(turns: list[Turn]) -> None:
    """A piece is never counted for two cases, and a case is never without its reporter's word."""
    world = run(turns, [])
    said = [(link.message_id, link.role) for link in world.links if link.role in ("report", "piece")]
    assert len({message_id for message_id, _ in said}) == len(said)
    for case in world.cases.values():
        own = [link for link in world.links if link.case_id == case.id and link.role == "report"]
        assert len(own) == 1
        assert own[0].person_id == case.reporter_id


@settings(max_examples=150, deadline=None)
@given(conversations())
def test_nobody_supports_his_own_report(turns: list[Turn]) -> None:
    world = run(turns, [])
    assert all(case.reporter_name not in world.supporters.get(case.id, []) for case in world.cases.values())
