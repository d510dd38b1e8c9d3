"""The chat grammar by examples: what is a command, for whom and where, and what only looks like one."""

from __future__ import annotations

import pytest

from bot.talk.command import Command
from bot.talk.commands import MAX_COMMAND, Quoted, Verb, parse

ACCEPT, CLOSE, DISPATCH, VERIFY = Verb.ACCEPT, Verb.CLOSE, Verb.DISPATCH, Verb.VERIFY

BY_NUMBER = [
    ("确认 128", Command(verb=ACCEPT, numbers=(128,))),
    ("确认128", Command(verb=ACCEPT, numbers=(128,))),
    ("128确认", Command(verb=ACCEPT, numbers=(128,))),
    ("№128 确认", Command(verb=ACCEPT, numbers=(128,))),
    ("＃１２８　确认", Command(verb=ACCEPT, numbers=(128,))),
    ("128号 确认", Command(verb=ACCEPT, numbers=(128,))),
    ("確認 128", Command(verb=ACCEPT, numbers=(128,))),
    ("@网格小助手 确认 128", Command(verb=ACCEPT, numbers=(128,))),
    ("确认 128 130", Command(verb=ACCEPT, numbers=(128, 130))),
    ("确认 128 下水道", Command(verb=ACCEPT, numbers=(128,), text="下水道", category="下水道")),
    ("不受理 128 不属于本网格", Command(verb=Verb.DECLINE, numbers=(128,), text="不属于本网格")),
    ("派 128 供电所", Command(verb=DISPATCH, numbers=(128,), text="供电所")),
    ("派128供电所", Command(verb=DISPATCH, numbers=(128,), text="供电所")),
    ("移交 128 东关", Command(verb=Verb.TRANSFER, numbers=(128,), text="东关")),
    ("退回 128 人手不够", Command(verb=Verb.RETURN, numbers=(128,), text="人手不够")),
    ("办结 128 已更换LED灯泡。", Command(verb=CLOSE, numbers=(128,), text="已更换LED灯泡")),
    ("辦結128已更換燈泡", Command(verb=CLOSE, numbers=(128,), text="已更換燈泡")),
    ("办结 128 换好了 不发群", Command(verb=CLOSE, numbers=(128,), text="换好了", quiet=True)),
    ("128 好了 换了灯泡", Command(verb=CLOSE, numbers=(128,), text="换了灯泡")),
    ("处置完成 128 阀门换了", Command(verb=Verb.RESOLVE, numbers=(128,), text="阀门换了")),
    ("核查 128 通过", Command(verb=VERIFY, numbers=(128,), passed=True)),
    ("核查128不通过 还漏水", Command(verb=VERIFY, numbers=(128,), text="还漏水", passed=False)),
    ("核查 128 没修好", Command(verb=VERIFY, numbers=(128,), text="没修好", passed=False)),
    ("返工 128 没修好", Command(verb=VERIFY, numbers=(128,), text="没修好", passed=False)),
    ("并 131 到 128", Command(verb=Verb.MERGE, numbers=(131,), target=128)),
    ("131并到128", Command(verb=Verb.MERGE, numbers=(131,), target=128)),
    ("拆案 128", Command(verb=Verb.UNMERGE, numbers=(128,))),
    ("缓办 128 3天 等配件", Command(verb=Verb.SUSPEND, numbers=(128,), days=3, text="等配件")),
    ("缓办 128 两周 等配件", Command(verb=Verb.SUSPEND, numbers=(128,), days=14, text="等配件")),
    ("缓办 128 到10月8日 等配件", Command(verb=Verb.SUSPEND, numbers=(128,), until=(10, 8), text="等配件")),
    ("恢复 128", Command(verb=Verb.RESUME, numbers=(128,))),
    ("延期 128 ５天 等材料", Command(verb=Verb.EXTEND, numbers=(128,), days=5, text="等材料")),
    ("改 128 地点 3号楼北侧", Command(verb=Verb.CORRECT, numbers=(128,), field="place", value="3号楼北侧")),
    ("128 改地点 3号楼", Command(verb=Verb.CORRECT, numbers=(128,), field="place", value="3号楼")),
    ("改 128 类别 路灯", Command(verb=Verb.CORRECT, numbers=(128,), field="category", value="路灯")),
    ("改 128 紧急", Command(verb=Verb.CORRECT, numbers=(128,), field="urgency", value="紧急")),
    ("重办 128 又坏了", Command(verb=Verb.REOPEN, numbers=(128,), text="又坏了")),
    ("督办 128", Command(verb=Verb.SUPERVISE, numbers=(128,))),
    ("发布 128", Command(verb=Verb.PUBLISH, numbers=(128,))),
    ("归我 128", Command(verb=Verb.CLAIM, numbers=(128,))),
    ("已发 128", Command(verb=Verb.POSTED, numbers=(128,))),
    ("不发群 128", Command(verb=Verb.QUIET, numbers=(128,))),
    ("详情 128", Command(verb=Verb.DETAIL, numbers=(128,))),
    ("查询128", Command(verb=Verb.QUERY, numbers=(128,))),
    ("撤回 128", Command(verb=Verb.WITHDRAW, numbers=(128,))),
]
WITHOUT_CASE = [
    ("待办", Command(verb=Verb.TODO)),
    ("统计", Command(verb=Verb.STATS)),
    ("统计 本月", Command(verb=Verb.STATS, text="本月")),
    ("台账 10月", Command(verb=Verb.LEDGER, text="10月", month=10)),
    ("台账 2026年十月", Command(verb=Verb.LEDGER, text="2026年十月", year=2026, month=10)),
    ("帮助", Command(verb=Verb.HELP)),
    ("撤", Command(verb=Verb.UNDO)),
    ("撤回", Command(verb=Verb.UNDO)),
    ("上报 3号楼灯不亮", Command(verb=Verb.REPORT, text="3号楼灯不亮")),
    ("巡查 东渠护栏断了", Command(verb=Verb.PATROL, text="东渠护栏断了")),
    ("代 王大娘 报 3号楼灯不亮", Command(verb=Verb.FILE_FOR, person="王大娘", text="3号楼灯不亮")),
    ("代王大娘报 3号楼灯不亮", Command(verb=Verb.FILE_FOR, person="王大娘", text="3号楼灯不亮")),
    ("请假 3天 李梅代", Command(verb=Verb.LEAVE, days=3, person="李梅")),
    ("请假3天李梅代", Command(verb=Verb.LEAVE, days=3, person="李梅")),
    ("请假到10月8日 李梅代", Command(verb=Verb.LEAVE, until=(10, 8), person="李梅")),
    ("请假三天", Command(verb=Verb.LEAVE, days=3)),
    ("交班 李梅", Command(verb=Verb.HANDOVER, person="李梅")),
    ("交班给李梅", Command(verb=Verb.HANDOVER, person="李梅")),
    ("别名 老油坊=东三街南头", Command(verb=Verb.ALIAS, field="老油坊", value="东三街南头")),
]
BY_POSITION = [
    ("1 好了", Command(verb=CLOSE, positions=(1,))),
    ("1、3 确认", Command(verb=ACCEPT, positions=(1, 3))),
    ("１，３确认", Command(verb=ACCEPT, positions=(1, 3))),
    ("1 好了 换了灯泡", Command(verb=CLOSE, positions=(1,), text="换了灯泡")),
    ("2 不受理 不是事件", Command(verb=Verb.DECLINE, positions=(2,), text="不是事件")),
]
BY_QUOTE: list[tuple[str, Quoted, Command]] = [
    ("确认", "card", Command(verb=ACCEPT)),
    ("收到", "card", Command(verb=ACCEPT)),
    ("收到 我现在过去看", "report", Command(verb=ACCEPT, text="我现在过去看")),
    ("马上安排", "report", Command(verb=ACCEPT)),
    ("好了 换了灯泡", "card", Command(verb=CLOSE, text="换了灯泡")),
    ("好了，换了灯泡", "report", Command(verb=CLOSE, text="换了灯泡")),
    ("派 供电所", "card", Command(verb=DISPATCH, text="供电所")),
    ("派供电所", "report", Command(verb=DISPATCH, text="供电所")),
    ("移交 东关", "card", Command(verb=Verb.TRANSFER, text="东关")),
    ("不受理 重复", "card", Command(verb=Verb.DECLINE, text="重复")),
    ("缓办 3天 等配件", "card", Command(verb=Verb.SUSPEND, days=3, text="等配件")),
    ("改 地点 3号楼", "card", Command(verb=Verb.CORRECT, field="place", value="3号楼")),
    ("并到128", "card", Command(verb=Verb.MERGE, target=128)),
    ("通过", "card", Command(verb=VERIFY, passed=True)),
    ("返工 还漏", "card", Command(verb=VERIFY, text="还漏", passed=False)),
    ("已发", "result", Command(verb=Verb.POSTED)),
    ("上报", "other", Command(verb=Verb.REPORT)),
    ("归我", "card", Command(verb=Verb.CLAIM)),
    ("撤回", "report", Command(verb=Verb.WITHDRAW)),
    ("1", "menu", Command(verb=Verb.MENU, positions=(1,))),
    ("2 好了", "menu", Command(verb=CLOSE, positions=(2,))),
]


@pytest.mark.parametrize(("text", "expected"), BY_NUMBER + WITHOUT_CASE + BY_POSITION)
def test_a_worker_says_it_without_a_quote(text: str, expected: Command) -> None:
    assert parse(text, role="worker", quoted="none", private=False) == expected


@pytest.mark.parametrize(("text", "quoted", "expected"), BY_QUOTE)
def test_a_worker_says_it_under_a_quote(text: str, quoted: Quoted, expected: Command) -> None:
    assert parse(text, role="worker", quoted=quoted, private=False) == expected


WORKERS_TALK = (
    """
收到|好了|好的|安排|完成 3 单|确认一下明天几点开会|确认 收到通知|派两个人去东关|派 3 个人去|办结率要提高|代表村里报个平安
上报材料明天交|统计一下今天谁打疫苗|3号确认名单|3号楼 好了|改天再说|交班时间改了|查一下128|1 完成不了|12号派人来|并 128
请假 家里有事|?|退回去吧|派车了吗|明天核查组来|128块钱确认一下|3 确认吗|延期开学|督办件要重视|恢复供水了|发布会几点|1. 张三 确认
收到 128|0 确认
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", WORKERS_TALK)
def test_what_a_worker_only_says(text: str) -> None:
    assert parse(text, role="worker", quoted="none", private=False) is None


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("收到", "result"),  # politeness under the bot's own post
        ("收到", "menu"),
        ("收到", "other"),
        ("好了好了别吵了", "report"),
        ("搞定了吗", "card"),
        ("完成不了", "card"),
        ("派人去了", "report"),
        ("确认一下是几号楼", "report"),
        ("疏通车叫了 下午到", "report"),
        ("没看到人", "report"),
        ("办结 128 了吗", "none"),
    ],
)
def test_what_a_worker_only_says_under_a_quote(text: str, quoted: Quoted) -> None:
    assert parse(text, role="worker", quoted=quoted, private=False) is None


RESIDENTS: list[tuple[str, Quoted, bool, Command]] = [
    ("查询 128", "none", False, Command(verb=Verb.QUERY, numbers=(128,))),
    ("我的上报", "none", False, Command(verb=Verb.MINE)),
    ("撤回 128", "none", False, Command(verb=Verb.WITHDRAW, numbers=(128,))),
    ("撤回", "report", False, Command(verb=Verb.WITHDRAW)),
    ("帮助", "none", False, Command(verb=Verb.HELP)),
    ("help", "none", True, Command(verb=Verb.HELP)),
    ("上报 路灯坏了", "none", False, Command(verb=Verb.REPORT, text="路灯坏了")),
    ("没好", "result", False, Command(verb=Verb.NOT_FIXED, text="没好")),
    ("还是不亮", "result", False, Command(verb=Verb.NOT_FIXED, text="还是不亮")),
    ("我家也是", "report", False, Command(verb=Verb.SUPPORT, text="我家也是")),
    ("+1", "report", False, Command(verb=Verb.SUPPORT, text="+1")),
    ("好了不用了", "report", False, Command(verb=Verb.CALLED_OFF, text="好了不用了")),
    ("1", "result", False, Command(verb=Verb.GRADE, grade=1, positions=(1,))),
    ("１", "result", False, Command(verb=Verb.GRADE, grade=1, positions=(1,))),
    ("满意", "result", False, Command(verb=Verb.GRADE, grade=2)),
    ("不满意", "none", True, Command(verb=Verb.GRADE, grade=4)),
    ("5", "none", True, Command(verb=Verb.GRADE, grade=5, positions=(5,))),
    ("办结 128 已更换", "none", True, Command(verb=CLOSE, numbers=(128,), text="已更换")),  # the desk says no
    ("确认", "card", False, Command(verb=ACCEPT)),
]


@pytest.mark.parametrize(("text", "quoted", "private", "expected"), RESIDENTS)
def test_a_resident_says_it(text: str, quoted: Quoted, private: bool, expected: Command) -> None:
    assert parse(text, role="resident", quoted=quoted, private=private) == expected


RESIDENTS_TALK = (
    """
1|3|5|满意|没好|+1|2.老魏|3.+1|1 张三 两人|收到|谢谢|确认 128|办结 128 已更换|办结 №128 x|派 3 个人|查询 128 号楼|好了|我家也是
help|?|说明|撤|待办|统计 本月|通过|办结|来电了|明天几点停水|3号楼 收到|改天请你吃饭|12号核查团来|详情见公告|帮助一下王奶奶
""".replace("\n", "|")
    .strip("|")
    .split("|")
)


@pytest.mark.parametrize("text", RESIDENTS_TALK)
def test_what_residents_say_in_their_group_is_no_command(text: str) -> None:
    """A 接龙 never becomes ratings, and nobody is told what he may not do unless he spoke to the bot."""
    assert parse(text, role="resident", quoted="none", private=False) is None


def test_a_long_forward_is_no_command() -> None:
    assert parse("确认 128 " + "长" * MAX_COMMAND, role="worker", quoted="none", private=True) is None


def test_a_lone_verb_of_a_worker_waits_for_its_case() -> None:
    """It has no case yet; `binding` finds it in the only open list or asks."""
    assert parse("确认", role="worker", quoted="none", private=False) == Command(verb=ACCEPT)
