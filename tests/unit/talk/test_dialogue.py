"""Conversations in a residents' group: which messages make which case. Classified by the rules as shipped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import pytest

from bot.talk import decisions as d
from classifiers.keyword import Classifier
from tests.unit.talk.simulator import Turn, World, play


@cache
def classifier() -> Classifier:
    return Classifier.load()


def talk(*turns: Turn) -> World:
    return play(turns, classifier().classify, classifier().has_anchor)


@dataclass(frozen=True)
class Told:
    """A case as it should stand at the end; `messages`: the indexes of the turns it is made of."""

    category: str
    reporter: str
    place: str
    messages: tuple[int, ...]
    supporters: tuple[str, ...] = ()
    state: str = "reported"


def told(world: World) -> list[Told]:
    return [
        Told(
            case.category,
            case.reporter_name,
            case.place,
            tuple(sorted(int(link.message_id[1:]) for link in world.links if link.case_id == case.id)),
            tuple(world.supporters.get(case.id, ())),
            case.state,
        )
        for case in world.cases.values()
    ]


LAMP, COVER, DRAIN, POWER = "facility.streetlight", "facility.manhole", "facility.drain", "facility.power"

CONVERSATIONS: dict[str, tuple[list[Turn], list[Told]]] = {
    "place before the trouble": (
        [Turn(0, "张", "3号楼"), Turn(8, "张", "路灯又不亮了")],
        [Told(LAMP, "张", "3号楼", (0, 1))],
    ),
    "trouble before the place": (
        [Turn(0, "张", "路灯又不亮了"), Turn(8, "张", "3号楼")],
        [Told(LAMP, "张", "3号楼", (0, 1))],
    ),
    "photo first, then words": (
        [Turn(0, "张", "", photo=True), Turn(20, "张", "6号楼门口井盖塌了一半")],
        [Told(COVER, "张", "6号楼门口", (0, 1))],
    ),
    "words first, then two photos": (
        [Turn(0, "张", "6号楼门口井盖塌了一半"), Turn(20, "张", "", photo=True), Turn(25, "张", "", photo=True)],
        [Told(COVER, "张", "6号楼门口", (0, 1, 2))],
    ),
    "three pieces with others in between": (
        [
            Turn(0, "张", "2号楼"),
            Turn(5, "李", "早上好"),
            Turn(9, "张", "下水道堵了"),
            Turn(15, "王", "今天有人去赶集吗"),
            Turn(40, "张", "一单元门口都是水"),
        ],
        [Told(DRAIN, "张", "2号楼", (0, 2, 4))],
    ),
    "a piece that is too old is no piece": (
        [Turn(0, "张", "8号楼"), Turn(200, "张", "楼下的路灯又不亮了，黑得很")],
        [Told(LAMP, "张", "", (1,))],
    ),
    "small talk before the report is not kept": (
        [Turn(0, "张", "大家早上好"), Turn(10, "张", "3号楼前面的路灯不亮了")],
        [Told(LAMP, "张", "3号楼前面", (1,))],
    ),
    "small talk after the report is not kept": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(10, "张", "谢谢"), Turn(20, "张", "👍"), Turn(30, "张", "好的")],
        [Told(LAMP, "张", "3号楼前面", (0,))],
    ),
    "somebody else's place is not taken": (
        [Turn(0, "李", "我在3号楼等你"), Turn(8, "张", "楼下的路灯又不亮了，黑得很")],
        [Told(LAMP, "张", "", (1,))],
    ),
    "a correction of the place": (
        [Turn(0, "张", "3号楼停电了"), Turn(20, "张", "不对，是5号楼")],
        [Told(POWER, "张", "5号楼", (0, 1))],
    ),
    "said wrongly": (
        [Turn(0, "张", "3号楼停电了"), Turn(20, "张", "说错了 5号楼")],
        [Told(POWER, "张", "5号楼", (0, 1))],
    ),
    "an answer to a question about the place, quoting it": (
        [
            Turn(0, "张", "楼下的路灯又不亮了，黑得很"),
            Turn(60, "worker", "在哪儿"),
            Turn(400, "张", "5号楼后面", quotes=1),
        ],
        [Told(LAMP, "张", "5号楼后面", (0, 2))],
    ),
    "a supplement by quoting oneself, a day later": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(80000, "张", "对面那盏也一闪一闪", quotes=0)],
        [Told(LAMP, "张", "3号楼前面", (0, 1))],
    ),
    "me too, by quoting": (
        [Turn(0, "张", "3号楼停电了"), Turn(3000, "李", "我家也是", quotes=0)],
        [Told(POWER, "张", "3号楼", (0, 1), ("李",))],
    ),
    "me too, right under it": (
        [Turn(0, "张", "3号楼停电了"), Turn(60, "李", "我家也是"), Turn(70, "王", "+1"), Turn(80, "李", "+1")],
        [Told(POWER, "张", "3号楼", (0, 1, 2, 3), ("李", "王"))],
    ),
    "plus one long after is a 接龙": (
        [Turn(0, "张", "3号楼停电了"), Turn(3600, "李", "+1")],
        [Told(POWER, "张", "3号楼", (0,))],
    ),
    "another home is fine": (
        [Turn(0, "张", "3号楼停电了"), Turn(60, "李", "我家有电啊"), Turn(70, "王", "看看空开")],
        [Told(POWER, "张", "3号楼", (0,))],
    ),
    "a neighbour tells the same at the same place": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(4000, "李", "3号楼前的路灯咋又不亮了")],
        [Told(LAMP, "张", "3号楼前面", (0, 1), ("李",))],
    ),
    "the same trouble at two places is two cases": (
        [Turn(0, "张", "3号楼停电了"), Turn(30, "李", "9号楼也停电了")],
        [Told(POWER, "张", "3号楼", (0,)), Told(POWER, "李", "9号楼", (1,))],
    ),
    "the same person, the same trouble at two places": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(30, "张", "8号楼前面的路灯也不亮了")],
        [Told(LAMP, "张", "3号楼前面", (0,)), Told(LAMP, "张", "8号楼前面", (1,))],
    ),
    "two matters of one person": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(30, "张", "还有，6号楼门口井盖塌了一半")],
        [Told(LAMP, "张", "3号楼前面", (0,)), Told(COVER, "张", "6号楼门口", (1,))],
    ),
    "called off by the reporter": (
        [Turn(0, "张", "3号楼停电了"), Turn(200, "张", "好了不用了")],
        [Told(POWER, "张", "3号楼", (0,), state="withdrawn")],
    ),
    "the power is back, says the reporter": (
        [Turn(0, "张", "3号楼停电了"), Turn(200, "张", "来电了")],
        [Told(POWER, "张", "3号楼", (0,), state="withdrawn")],
    ),
    "the power is back, says another": (
        [Turn(0, "张", "3号楼停电了"), Turn(200, "李", "来电了")],
        [Told(POWER, "张", "3号楼", (0,))],
    ),
    "is the power back, asks the reporter": (
        [Turn(0, "张", "3号楼停电了"), Turn(200, "张", "来电了吗")],
        [Told(POWER, "张", "3号楼", (0,))],
    ),
    "a worker accepts by quoting the report": (
        [Turn(0, "张", "3号楼前面的路灯不亮了"), Turn(60, "worker", "收到 我现在过去看", quotes=0)],
        [Told(LAMP, "张", "3号楼前面", (0,), state="accepted")],
    ),
    "a worker's talk is no command and no report": (
        [Turn(0, "张", "3号楼停电了"), Turn(60, "worker", "供电所说是跳闸了"), Turn(70, "worker", "收到")],
        [Told(POWER, "张", "3号楼", (0,))],
    ),
    "not fixed, by quoting the result": (
        [
            Turn(0, "张", "3号楼前面的路灯不亮了"),
            Turn(60, "worker", "好了 换了灯泡", quotes=0),
            Turn(9000, "李", "还是不亮", quotes=1),
        ],
        [Told(LAMP, "张", "3号楼前面", (0, 1), state="accepted")],
    ),
    "not fixed, the reporter without a quote": (
        [
            Turn(0, "张", "3号楼前面的路灯不亮了"),
            Turn(60, "worker", "好了 换了灯泡", quotes=0),
            Turn(9000, "张", "没好啊"),
        ],
        [Told(LAMP, "张", "3号楼前面", (0, 1), state="accepted")],
    ),
    "not fixed, another without a quote says nothing of ours": (
        [
            Turn(0, "张", "3号楼前面的路灯不亮了"),
            Turn(60, "worker", "好了 换了灯泡", quotes=0),
            Turn(9000, "李", "没好啊"),
        ],
        [Told(LAMP, "张", "3号楼前面", (0, 1), state="closed")],
    ),
    "not fixed after more than a day needs the quote": (
        [
            Turn(0, "张", "3号楼前面的路灯不亮了"),
            Turn(60, "worker", "好了 换了灯泡", quotes=0),
            Turn(90000, "张", "没好啊"),
        ],
        [Told(LAMP, "张", "3号楼前面", (0, 1), state="closed")],
    ),
    "a bare number under no result is no grade": (
        [Turn(0, "worker", "周六消防演练，参加的接龙\n1.网格员小周"), Turn(20, "张", "2"), Turn(30, "李", "1")],
        [],
    ),
    "a bare photo is no case": ([Turn(0, "张", "", photo=True), Turn(400, "李", "晚上好")], []),
    "chatter is no case": (
        [Turn(0, "张", "今天排骨多少钱一斤"), Turn(9, "李", "路灯真亮，晚上散步真好"), Turn(15, "王", "+1")],
        [],
    ),
}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_conversation_becomes_these_cases(name: str) -> None:
    """Category, reporter, place, the messages that make it, its supporters and how it stands."""
    turns, expected = CONVERSATIONS[name]
    assert told(talk(*turns)) == expected


def test_nothing_of_a_conversation_without_a_case_is_kept() -> None:
    """No decision but Nothing for small talk in a chat that is hot."""
    world = talk(
        Turn(0, "张", "3号楼停电了"), Turn(20, "李", "今天豆腐卖完没"), Turn(25, "王", "哈哈"), Turn(30, "赵", "1")
    )
    assert [type(decision) for _, decision in world.log[1:]] == [d.Nothing] * 3
