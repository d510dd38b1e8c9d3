"""Sensitive matters from the report to the result: who hears what, and who never learns that they exist."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cases.outcome import Refused
from storage.engine import Database
from tests.integration.hall import LAMP, Hall, seed, told
from tests.unit.cases import town


@pytest.fixture
async def hall(db: Database) -> Hall:
    await db.run(seed)
    return Hall(db)


async def test_private(hall: Hall) -> None:
    """Staff work as always, the group hears nothing from the beginning to the end."""
    case = await hall.lamp(category="dispute.labour", sensitive="private", text="工钱没给")
    heard = set()
    for step in (
        lambda desk: desk.accept(town.WANG, case.id),
        lambda desk: desk.dispatch(town.WANG, case.id, town.POWER),
        lambda desk: desk.resolve(town.ELECTRICIAN, case.id, text="已补发"),
        lambda desk: desk.verify(town.WANG, case.id, passed=True),
        lambda desk: desk.reopen(town.RESIDENT, case.id, "只发了一半"),
        lambda desk: desk.close(town.WANG, case.id, text="发齐了"),
    ):
        heard |= told(await hall.do(step))
    assert {audience for audience, _ in heard} == {"reporter_private", "unit", "connector", "staff"}
    assert ("reporter_private", "result") in heard


@pytest.mark.parametrize("sensitive", ["violence", "staff"])
async def test_hidden(hall: Hall, sensitive: str) -> None:
    """Grid, village, unit and supervisor get the answer for a number nobody was given; the confidant does it all."""
    case = await hall.lamp(category="dispute.family", sensitive=sensitive, text="他又打我")
    unknown = Refused("unknown_case", {"number": case.id})
    for person in (
        town.WANG,
        town.LEADER,
        town.SECRETARY,
        town.SUPERVISOR,
        town.HANDLER,
        town.NEIGHBOUR,
        town.ASSISTANT,
    ):
        assert await hall.at_desk(lambda desk, p=person: desk.accept(p, case.id)) == unknown  # type: ignore[misc]
        assert await hall.at_desk(lambda desk, p=person: desk.supplement(p, case.id, text="?")) == unknown  # type: ignore[misc]
    assert await hall.at_desk(lambda desk: desk.supplement(None, case.id, text="?")) == unknown
    heard = set()
    for step in (
        lambda desk: desk.supplement(town.RESIDENT, case.id, text="孩子也在"),
        lambda desk: desk.accept(town.CONFIDANT, case.id),
        lambda desk: desk.close(town.CONFIDANT, case.id, text="已安置"),
        lambda desk: desk.rate(town.RESIDENT, case.id, 5),
    ):
        heard |= told(await hall.do(step))
    assert {audience for audience, _ in heard} == {"staff", "reporter_private"}


async def test_the_report_itself(hall: Hall) -> None:
    """Nothing about a sensitive report is answered in the group."""
    for sensitive in ("private", "missing", "violence", "staff"):
        case = await hall.lamp(sensitive=sensitive)
        report = (await hall.events(case.id))[0]
        assert report.action == "report"
        again = await hall.do(lambda desk, s=sensitive: desk.report(replace(LAMP, sensitive=s)))  # type: ignore[misc]
        assert told(again) == {("staff", "reported"), ("reporter_private", "acked")}


async def test_a_complaint_about_the_worker_himself(hall: Hall) -> None:
    """王芳 cannot even find out that there is a complaint about her, by no act at all."""
    case = await hall.lamp(category="consult.complaint", sensitive="staff", text="网格员收钱")
    for act in (
        lambda desk: desk.accept(town.WANG, case.id),
        lambda desk: desk.merge(town.WANG, case.id, case.id),
        lambda desk: desk.correct(town.WANG, case.id, {"sensitive": "none"}),
        lambda desk: desk.claim(town.WANG, case.id),
        lambda desk: desk.support(town.WANG, case.id),
        lambda desk: desk.support(None, case.id),
        lambda desk: desk.quiet(town.WANG, case.id),
        lambda desk: desk.withdraw(town.WANG, case.id),
        lambda desk: desk.rate(town.WANG, case.id, 1),
    ):
        assert await hall.at_desk(act) == Refused("unknown_case", {"number": case.id})


async def test_a_missing_person(hall: Hall) -> None:
    """Nothing is repeated until the family agrees and a worker says 「发布」."""
    case = await hall.lamp(category="emergency.missing", sensitive="missing", urgency="emergency", text="我妈走丢了")
    asked = await hall.at_desk(lambda desk: desk.publish(town.WANG, case.id, text="寻人", agreed=False))
    assert isinstance(asked, Refused)
    assert asked.key == "need_agreed"
    done = await hall.do(lambda desk: desk.publish(town.WANG, case.id, text="寻人：七十岁，蓝外套", agreed=True))
    assert told(done) == {("group", "published")}
    assert done.notices[0].data["text"] == "寻人：七十岁，蓝外套"
    found = await hall.do(lambda desk: desk.close(town.WANG, case.id, text="找到了"))
    assert told(found) == {("reporter_private", "result")}
