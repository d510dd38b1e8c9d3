"""What is said of a case: read aloud here once, sentence by sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.cases.lifecycle import TABLE
from bot.cases.notices import REMINDERS, Kind
from bot.model import Audience, Notice
from tests.unit.talk.samples import NOW, VOICE, case

LATER = (NOW + timedelta(days=2)).isoformat()
DUE = (NOW + timedelta(days=1, hours=8)).isoformat()
# What the desk and the clock put beside the case.
DATA = {
    "by": "王芳", "by_id": 5, "reason": "等配件", "until": LATER, "to": "西关网格", "to_area": 8, "who": ["李梅"],
    "unit": "供电所", "unit_id": 3, "days": 3, "result": "换了灯泡", "photos": [], "closing": 1, "persons": [6],
    "cases": [], "text": "对面那盏也灭了", "name": "老周", "count": 2, "grade": 5, "target": 100, "repeat": False,
    "changes": {"place": "5号楼北侧", "category": "facility.drain", "quiet": True}, "action": "close", "times": 1,
    "stage": "resolve", "due": DUE, "level": 1, "slot": "1.0", "generation": 1, "at": LATER, "round": 2,
    "phones": [["王芳", "13900000001"]], "areas": [7],
}  # fmt: skip
EMPTY: dict[str, object] = {
    key: "" if isinstance(value, str) else ([] if isinstance(value, list) else value) for key, value in DATA.items()
}
TELLS = sorted(
    {tell for row in TABLE.values() for tell in row.tells if tell[0] is not Audience.CONNECTOR}
    | {(audience, kind) for kind in REMINDERS for audience in (Audience.LEVEL, Audience.STAFF)}
    | {(audience, Kind.UNDONE) for audience in (Audience.GROUP, Audience.REPORTER, Audience.STAFF, Audience.UNIT)}
)


def say(kind: str, audience: Audience, *, in_group: bool = False, **changes: object) -> str | None:
    return VOICE.notice(Notice(kind, audience, 128, DATA), case(**changes), NOW, in_group=in_group)


@pytest.mark.parametrize(("audience", "kind"), TELLS)
@pytest.mark.parametrize("data", [DATA, EMPTY], ids=["full", "empty"])
def test_every_notice_can_be_said_of_any_case(audience: Audience, kind: Kind, data: dict[str, object]) -> None:
    """With everything known and with nothing known, in private and in the group."""
    bare = case(place="", area_id=None, worker_id=None, reporter_id=None, reporter_name="", due_at=None, clock=None)
    for row in (case(), bare, case(category="service.certificate", state="closed")):
        for in_group in (False, True) if audience is Audience.REPORTER else (False,):
            assert VOICE.notice(Notice(kind, audience, 128, data), row, NOW, in_group=in_group)


@pytest.mark.parametrize("sensitive", ["private", "missing", "violence", "staff"])
@pytest.mark.parametrize("kind", Kind)
def test_nothing_sensitive_is_ever_worded_for_a_group(sensitive: str, kind: Kind) -> None:
    """Only a search the family agreed to."""
    notice = Notice(kind, Audience.GROUP, 128, DATA)
    said = VOICE.notice(notice, case(sensitive=sensitive), NOW)
    assert (said is not None) == (kind is Kind.PUBLISHED)
    assert kind is Kind.PUBLISHED or say(kind, Audience.REPORTER, in_group=True, sensitive=sensitive) is None


READ_ALOUD = [
    (Kind.ACCEPTED, Audience.REPORTER, True, {}, "张姐，3号楼前路灯的事收到了（№128），王芳负责，最迟明天18点回话。"),
    (Kind.ACCEPTED, Audience.REPORTER, True, {"anonymous": True}, "3号楼前路灯的事收到了（№128），王芳负责，最迟明天18点回话。"),
    (Kind.RESULT, Audience.GROUP, False, {}, "3号楼前路灯处理好了：换了灯泡。要是还没好，引用这条说“没好”。"),
    (Kind.RESULT, Audience.GROUP, False, {"category": "service.certificate", "place": ""},
     "证件的事有答复了：换了灯泡。还有不清楚的，引用这条接着问。"),
    (Kind.RESULT, Audience.REPORTER_PRIVATE, False, {},
     "您说的3号楼前路灯处理好了：换了灯泡。办得怎么样？回个数字就行：1 非常满意 2 满意 3 基本满意 4 不满意 5 非常不满意。要是还没好，回“没好”。"),
    (Kind.TRANSFERRED, Audience.REPORTER, False, {}, "这事归西关网格管，已替您转过去，编号不变。最迟明天18点给您回话，您不用再跑。"),
    (Kind.REOPENED, Audience.REPORTER, True, {}, "没修好，让您费心了。№128 已重新办理，明天18点前再回话。"),
    (Kind.SUSPENDED, Audience.REPORTER, True, {}, "3号楼前路灯的事要等一等：等配件。周五接着办，到时再说。"),
    (Kind.DECLINED, Audience.REPORTER_PRIVATE, False, {}, "您说的3号楼前路灯这件事，我们看过了，这边没法办：等配件。要是情况有变，随时再说。"),
    (Kind.MERGED, Audience.REPORTER_PRIVATE, False, {}, "您说的和 №100 是同一件事，放在一起办，办好了一起告诉您。"),
    (Kind.CORRECTED, Audience.STAFF, False, {}, "№128 改了：地点改成5号楼北侧，类别改成排水下水道，结果不发群。"),
    (Kind.SUPPORTED, Audience.STAFF, False, {}, "№128 老周说那儿也一样：对面那盏也灭了。现在有 2 人附议。"),
    (Kind.ROUND, Audience.LEVEL, False, {}, "急：№128 3号楼前路灯，还没人接，第 2 轮。请马上回“确认”，或者打电话找人。"),
    (Kind.PHONES, Audience.STAFF, False, {}, "急：№128 3号楼前路灯三轮都没人接，请直接打电话：王芳 13900000001。"),
    (Kind.RATED_BAD, Audience.SUPERVISOR, False, {}, "№128 3号楼前路灯上报人评了“非常不满意”，请安排回访，经办人是王芳。"),
    (Kind.UNDONE, Audience.GROUP, False, {}, "刚才那条说早了，3号楼前路灯还在办，有消息再说。"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "audience", "in_group", "changes", "expected"), READ_ALOUD)
def test_how_it_reads(
    kind: Kind, audience: Audience, in_group: bool, changes: dict[str, object], expected: str
) -> None:
    assert say(kind, audience, in_group=in_group, **changes) == expected


def test_a_refusal_says_why_and_what_is_possible() -> None:
    data = {
        "number": 128,
        "action": "accept",
        "state": "closed",
        "who": ["grid_worker"],
        "possible": ["supplement", "reopen"],
    }
    assert VOICE.refusal("wrong_state", data, NOW) == "№128 现在是已办结，没法“确认”。现在可以：重办。"
    told = VOICE.refusal("not_allowed", data | {"action": "suspend", "who": ["supervisor", "confidant"]}, NOW)
    assert told == "№128 的“缓办”要镇街或市中心来做。您现在可以：重办。"


def test_a_refusal_with_nothing_possible_is_still_a_sentence() -> None:
    data = {"number": 128, "action": "accept", "state": "merged", "who": ["grid_worker"], "possible": []}
    assert VOICE.refusal("wrong_state", data, NOW) == "№128 现在是已并案，没法“确认”。"


def test_who_was_faster() -> None:
    assert VOICE.already(case(), "王芳", "accept", NOW) == "№128 已由王芳确认。"
    assert "已受理" in VOICE.already(case(), "王芳", "transfer", NOW)


def test_the_answer_to_who_did_it() -> None:
    assert VOICE.done("accept", case(), NOW) == "№128 归您了，明天18点前办结。办好了引用卡片说“好了”加一句结果。"
    assert VOICE.done("dispatch", case(unit_id=3), NOW).startswith("№128 派给供电所了")
    assert VOICE.done("correct", case(), NOW, changes={"urgency": "urgent"}) == "№128 改好了：紧急程度改成紧急。"


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"category": "emergency.fire"}, "请先撤到安全处"),
        ({"category": "emergency.missing", "sensitive": "missing"}, "请家人马上打110"),
        ({"category": "emergency.medical", "text": "他说不想活了"}, "请别留他一个人"),
        ({"category": "emergency.accident", "text": "有人困在电梯里"}, "里面的人别扒门"),
        ({"category": "emergency.accident", "text": "孩子落水了"}, "请马上打119和110，别下水"),
        ({"category": "hazard.gas", "urgency": "urgent"}, "别开关电器"),
        ({"category": "dispute.family", "sensitive": "violence"}, "群里不会提这件事"),
        ({"category": "hazard.electric", "urgency": "normal"}, None),
        ({}, None),
    ],
)
def test_advice_until_help_comes(changes: dict[str, object], first: str | None) -> None:
    """Facts and numbers first; an ordinary matter gets none."""
    said = VOICE.emergency(case(**changes))
    assert (said is None) if first is None else (said is not None and said.startswith(first))


def test_a_place_that_names_the_thing_is_not_said_twice() -> None:
    assert VOICE.matter(case(place="村口路灯")) == "村口路灯"
    assert VOICE.matter(case(place="")) == "路灯"


def test_an_unknown_category_is_said_as_its_code() -> None:
    assert VOICE.matter(case(category="new.thing", place="")) == "new.thing"
