"""Chats and units against what stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rooms import NewRoom
from storage.records.changes import ChatChange, UnitChange
from tests.unit.sheets.standings import ROWS, TOWN, moved, planned, reasons

CHATS = "账号,编号,群名,类型,模式,区域,成员\n"
UNITS = "代码,名称,区域,群账号,群编号,默认\n"


def test_chats_that_stand_are_unchanged() -> None:
    text = CHATS + (
        "webchat:main,g1,一网格居民群,居民群,results,dg1,wang\n"
        "webchat:main,u1,维修队,unit,,,\n"
        "telegram:bot,-100,新群,未定,,,\n"
    )
    plan = planned("chats", text)
    assert (plan.unchanged, plan.left, len(plan.changes), plan.rooms, plan.refused) == (3, 0, 0, (), ())


def test_a_new_room_and_a_group_that_is_bound_at_last() -> None:
    """A room of the web chat is made; a group the bot was added to gets its purpose and its areas."""
    plan = planned("chats", CHATS + "webchat:main,g2,二网格,居民群,,dg2、dg1,lishen\ntelegram:bot,-100,,工作群,,dg,\n")
    assert plan.changes.chats == (
        ChatChange(
            id=None, address=("webchat:main", "g2"), kind="residents", mode="shadow", title="二网格", areas=("dg1", "dg2")
        ),
        ChatChange(
            id=3, address=("telegram:bot", "-100"), kind="staff", mode="shadow", title="新群", areas=("dg",)
        ),
    )  # fmt: skip
    assert plan.rooms == (NewRoom("g2", "二网格", "residents", ("lishen",)),)


def test_a_room_that_nobody_has_bound_stays_what_it_is() -> None:
    """The web chat knows its kind, the directory does not yet: nothing is told to the web chat."""
    chat = replace(ROWS.chats[0], kind="unknown", areas=())
    standing = replace(TOWN, rows=replace(ROWS, chats=(chat,)))
    plan = planned("chats", CHATS + "webchat:main,g1,一网格居民群,未定,,,\n", standing)
    assert (plan.unchanged, plan.rooms, plan.refused) == (1, (), ())


def test_areas_and_members_are_only_added() -> None:
    """「无」 takes nothing away either; a room that lacks only a member is told to the web chat, not to the directory."""
    plan = planned("chats", CHATS + "webchat:main,g1,,,,dg2,\n")
    assert plan.changes.chats[0].areas == ("dg2",)
    assert plan.changed[0].new["areas"] == "dg1、dg2"
    assert planned("chats", CHATS + "webchat:main,g1,,,,无,无\n").unchanged == 1
    member = planned("chats", CHATS + "webchat:main,g1,,,,,sun\n")
    assert (len(member.changes), member.rooms[0].members) == (0, ("wang", "sun"))


def test_a_moved_group_is_found_by_its_earlier_address() -> None:
    """Under either address it is the same group, and nothing is to be done."""
    standing = moved(("telegram:bot", "-1007"))
    for native_id in ("-100", "-1007"):
        plan = planned("chats", CHATS + f"telegram:bot,{native_id},新群,未定,,,\n", standing)
        assert (plan.unchanged, plan.refused, plan.left) == (1, (), 2)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("webchat:main,g2,二网格,,,dg2,", "要写类型：居民群、工作群、单位群"),
        ("webchat:main,g2,二网格,未定,,dg2,", "要写类型"),
        ("webchat:main,g2,二网格,居民群,,,", "居民群要写管哪几个区域"),
        ("webchat:main,g2,二网格,居民群,,dg9,", "没有区域“dg9”"),
        ("webchat:mian,g2,二网格,居民群,,dg2,", "没有账号“webchat:mian”，是不是想写 webchat:main"),
        ("webchat:main,p-x,二网格,居民群,,dg2,", "不能用 p- 开头"),
        ("webchat:main,p-wang,王芳,居民群,,dg2,", "私聊"),
        ("webchat:main,g2,,居民群,,dg2,", "要写群名"),
        ("webchat:main,g2,二网格,居民群,,dg2,nobody", "还没有成员“nobody”"),
        ("telegram:bot,-100,新群,居民群,,dg2,wang", "只有网页群聊能写成员"),
        ("webchat:main,g2,二网格,大群,,dg2,", "类型不能是“大群”"),
        ("webchat:main,u1,维修队,居民群,,dg2,", "派给它的事会发到这里，不能是居民群"),
    ],
)
def test_a_chat_that_cannot_be_is_refused(row: str, words: str) -> None:
    assert words in reasons("chats", CHATS + row)[2]


def test_units() -> None:
    """Unchanged, new with its chat, changed; its default moves when both rows say so."""
    text = UNITS + "u1,维修队,dg,webchat:main,u1,否\nu2,环卫,dg,,,是\n"
    plan = planned("units", text)
    assert plan.changes.units == (
        UnitChange(id=1, code="u1", name="维修队", area="dg", chat=("webchat:main", "u1"), is_default=False),
        UnitChange(id=None, code="u2", name="环卫", area="dg", chat=None, is_default=True),
    )
    assert planned("units", UNITS + "u1,维修队,,,,\n").unchanged == 1
    cleared = planned("units", UNITS + "u1,维修队,,无,无,\n")
    assert [unit.chat for unit in cleared.changes.units] == [None]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("u2,环卫,dg9,,,", "没有区域“dg9”"),
        ("u2,环卫,dg,,,是", "dg 的默认单位已经是 u1"),
        ("u2,环卫,,,,是", "要写是哪个区域的"),
        ("u2,环卫,dg,,u1,", "要一起写"),
        ("u2,环卫,dg,webchat:main,u9,", "没有群“webchat:main u9”"),
        ("u2,环卫,dg,webchat:main,g1,", "不是单位群"),
        ("u2,环卫,dg,webchat:main,p-wang,", "不是单位群"),
    ],
)
def test_a_unit_that_cannot_be_is_refused(row: str, words: str) -> None:
    assert words in reasons("units", UNITS + row)[2]


def test_without_a_web_chat_in_the_configuration_nothing_is_asked_of_it() -> None:
    """An account in use already stays known; no room is made for it."""
    alone = replace(TOWN, accounts=frozenset(), webchat="")
    plan = planned("chats", CHATS + "webchat:main,g1,一网格居民群,居民群,full,dg1,\n", alone)
    assert (plan.refused, len(plan.changes.chats), plan.rooms) == ((), 1, ())
