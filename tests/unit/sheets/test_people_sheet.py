"""People, one row for each person and role, against what stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cli.sheets.kinds import SHEETS
from bot.cli.sheets.report import summary
from bot.rooms import NewMember
from storage.records.changes import PersonChange, RoleChange
from tests.unit.sheets.standings import TOWN, planned, reasons

HEAD = "渠道,编号,姓名,电话,角色,区域,单位,在岗\n"
WANG = "webchat,wang,王芳,13800138000,网格员,dg1,,是\n"
SUN = "webchat,sun,孙师傅,,处置人员,dg,u1,\n"


def test_what_stands_is_unchanged() -> None:
    """In every way in which the same can be said; the second account of a person is the person."""
    for text in (
        HEAD + WANG + SUN,
        HEAD + "telegram,55,王芳,,grid_worker,dg1,,\n" + SUN,
        HEAD + "webchat,wang,王 芳,+86 138-0013-8000,网格员,dg1,无,\n" + SUN,
        HEAD + "webchat,wang,王芳,138****00,网格员,dg1,,\n" + SUN,
        "编号,姓名,角色,区域,单位\nwang,王芳,网格员,dg1,\nsun,孙师傅,处置人员,dg,u1\n",
    ):
        plan = planned("people", text)
        assert (plan.unchanged, plan.left, len(plan.changes), plan.members, plan.refused) == (2, 0, 0, (), ()), text


def test_several_roles_are_several_rows_of_one_person() -> None:
    """One new person, two grants, one member of the web chat; a blank phone contradicts none."""
    plan = planned("people", HEAD + "webchat,li,李梅,13900139000,网格员,dg1,,\n,li,李梅,,网格员,dg2,,\n")
    assert plan.changes.people == (
        PersonChange(id=None, identity=("webchat", "li"), name="李梅", phone="13900139000", active=True),
    )
    assert plan.changes.roles == (
        RoleChange(identity=("webchat", "li"), role="grid_worker", area="dg1", unit=None),
        RoleChange(identity=("webchat", "li"), role="grid_worker", area="dg2", unit=None),
    )
    assert plan.members == (NewMember("li", "李梅", staff=True),)
    assert plan.left == 2


def test_a_role_for_somebody_known_shows_what_changes_of_the_person() -> None:
    """王芳 becomes a leader and gets another phone: the row is new, the phone is told, masked."""
    plan = planned("people", HEAD + "webchat,wang,王芳,13800138001,网格长,dg1,,\n")
    assert [change.id for change in plan.changes.people] == [1]
    assert "电话 138****00 → 138****01" in "".join(summary(SHEETS["people"], plan))
    assert "13800138001" not in "".join(summary(SHEETS["people"], plan))


def test_a_resident_becomes_a_worker() -> None:
    """Who has spoken in a group before is known: his name stays one person's, he is marked as staff."""
    plan = planned("people", HEAD + "webchat,lishen,李婶,,协管员,dg1,,\n")
    assert plan.changes.people == ()
    assert [role.role for role in plan.changes.roles] == ["assistant"]
    assert plan.members == (NewMember("lishen", "李婶", staff=True),)


def test_who_leaves_is_set_inactive_and_loses_nothing_else() -> None:
    plan = planned("people", HEAD + "webchat,wang,王芳,,网格员,dg1,,离职\n")
    assert plan.changes.people == (
        PersonChange(id=1, identity=("webchat", "wang"), name="王芳", phone="13800138000", active=False),
    )
    assert (plan.changes.roles, plan.members) == ((), (NewMember("wang", "王芳", staff=False),))


def test_a_member_who_is_missing_in_the_web_chat_is_added_without_a_change_of_the_directory() -> None:
    """As after a kill between the two files."""
    alone = replace(TOWN, roster=replace(TOWN.roster, members={}))
    plan = planned("people", HEAD + WANG, alone)
    assert (len(plan.changes), plan.members) == (0, (NewMember("wang", "王芳", staff=True),))


def test_everywhere_is_written_out() -> None:
    plan = planned("people", HEAD + "webchat,adm,周主任,,管理员,全部,,\n")
    assert [role.area for role in plan.changes.roles] == [None]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("webchat,li,李梅,,网格员,,,", "要写管哪个区域；真要管所有区域，写“全部”"),
        ("webchat,li,李梅,,网格员,东关社区,,", "代码是 dg"),
        ("webchat,li,李梅,,处置人员,dg,,", "要写是哪个单位的"),
        ("webchat,li,李梅,,处置人员,dg,u9,", "没有单位“u9”"),
        ("webchat,li,李梅,,网格员,dg1,u1,", "只有处置人员才写单位"),
        ("webchat,li,李梅,138****00,网格员,dg1,,", "打了码"),
        ("webchat,wang,王芳,138****01,网格员,dg1,,", "打了码"),
        ("webchat,李梅,李梅,,网格员,dg1,,", "只能用字母"),
        ("webchat,bot,李梅,,网格员,dg1,,", "不能叫 bot"),
        ("wechat,li,李梅,,网格员,dg1,,", "没有渠道“wechat”，是不是想写 webchat"),
        ("webchat,li,李梅,1380013800,网格员,dg1,,", "有 10 位"),
        ("webchat,li,网格员,,李梅,dg1,,", "角色不能是“李梅”"),
    ],
)
def test_what_cannot_be_is_refused(row: str, words: str) -> None:
    assert words in reasons("people", HEAD + row)[2]


def test_rows_of_one_person_must_agree_about_the_person() -> None:
    """Both lines are named, also where the two rows use two accounts of one person; so for two phones of a new one."""
    told = reasons("people", HEAD + "webchat,wang,王芳,,网格员,dg1,,是\ntelegram,55,王芳,,网格长,dg1,,否\n")
    assert told == {
        2: "和第 3 行是同一个人，但在岗不一样，请改成一样的",
        3: "和第 2 行是同一个人，但在岗不一样，请改成一样的",
    }
    assert reasons("people", HEAD + ",li,李梅,,网格员,dg1,,\n,li,李妹,,网格员,dg2,,\n").keys() == {2, 3}


def test_the_same_grant_twice_with_another_name_is_a_contradiction() -> None:
    told = reasons("people", HEAD + ",li,李梅,,网格员,dg1,,\n,li,李妹,,网格员,dg1,,\n")
    assert "和第 3 行是同一个人的同一个角色" in told[2]
