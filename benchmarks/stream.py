"""Messages of a made-up city: what neighbours say all day, and what should become a case. The same at every run."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 11, 10, 1, 0, tzinfo=UTC)  # a Tuesday, 9:00 in Shanghai: no night, no holiday
STEP = timedelta(seconds=0.2)  # between two messages: 400,000 in a day of twenty-two hours
SPEAKERS = 40  # of a group

_WHO = ("王姐", "老李", "小陈", "我妈", "赵大爷", "马阿姨", "我家那口子", "咱们群主", "表弟", "孙老师")
_WHAT = ("豆角", "排骨", "橘子", "面条", "饺子", "豆腐", "鸡蛋", "红薯", "月饼", "小米")
_WHEN = ("今天", "昨天", "明早", "晚上", "这周末", "下午", "刚才", "过年那阵", "上个月", "中午")
_CHATTER = (
    "{when}谁去城里，帮我捎点{what}",
    "{who}做的{what}真香，隔着门都闻见了",
    "哈哈哈哈{who}太逗了",
    "早上好，{when}降温，大家多穿点",
    "{when}合唱团还排练不，谱子谁拿",
    "好的好的",
    "收到，谢谢{who}",
    "{what}便宜了，菜店门口排队呢",
    "{when}接孩子放学，谁顺路说一声",
    "孩子作业写到十点，{who}也没辙",
    "谁想养猫，四只都断奶了，{who}那儿领",
    "{who}{when}请客，都来啊，带上{what}",
    "[强][强][玫瑰]",
    "这个电视剧大结局看得我直掉眼泪，{who}说编剧该换人",
    "{when}去不去喝茶，{who}那里有新茶，过去坐坐，顺便下两盘棋，输的请吃{what}",
    "拼单：{what}五斤起送，要的接龙，{when}截止，到货了我给大家送",
    "钓鱼的有吗，{when}四点出发，还差一个人",
    "生日快乐{who}！",
    "新开的面馆{what}味道还行，就是人多要等位",
    "听说{who}家闺女考上研究生了，恭喜恭喜，{when}吃喜糖",
    "桂花开了，{when}走过去一路都是香的",
    "谁有多余的快递盒，{when}要寄{what}给我姐",
    "嗯嗯",
    "{when}的讲座我去听了，讲得挺好，{who}还上台提了问题，后面的人都鼓掌",
)
# Small talk that names what the rules listen for: the gate's pattern hits, the classifier says no.
_ALMOST = (
    "这路灯真亮，{when}散步不用手电了",
    "谢谢{who}，电梯修得真快",
    "小时候停电就点蜡烛，{who}给我们讲故事",
    "{when}在电梯里碰见{who}，聊了一路",
    "来水了来水了，谢谢{who}",
)
ALMOST_SHARE = 0.06  # of the chatter: what public collections of chat, reviews and headlines hold, measured

_WHERE = ("{n}号楼", "{n}号楼2单元", "{n}号楼3单元", "{n}号楼西侧", "{n}号楼门口")
_REPORTS = (
    "{where}的路灯不亮了，晚上黑得吓人，麻烦修一下",
    "{where}下水道堵了，污水都漫到路上了，没人管吗",
    "{where}电梯又坏了，老人上不去，快来人修修",
    "{where}垃圾堆了好几天没人清，臭死了",
    "{where}井盖没了，太危险了，赶紧处理一下",
    "{where}水管爆了，水一直往外冒，谁来管管",
    "{where}的消防通道被私家车堵死了，请处理",
    "{where}半夜施工吵得睡不着，能不能管管",
    "{where}树枝断了挂在那里，快掉下来了，请来处理",
    "{where}路面塌了一个大坑，好几个人摔了，求修",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One message. `group` and `speaker` are numbers; `report`: it should become a case."""

    number: int
    group: int
    speaker: int
    at: datetime
    text: str
    report: bool


def chatter(dice: Random) -> str:
    pool = _ALMOST if dice.random() < ALMOST_SHARE else _CHATTER
    return dice.choice(pool).format(who=dice.choice(_WHO), what=dice.choice(_WHAT), when=dice.choice(_WHEN))


def report(dice: Random) -> str:
    where = dice.choice(_WHERE).format(n=dice.randint(1, 60))
    return dice.choice(_REPORTS).format(where=where)


def stream(count: int, *, reports: float, groups: int, seed: int = 7, first: int = 0) -> Iterator[Said]:
    """`count` messages of a city's groups, a share of `reports` among them; reports go round the groups in turn.

    `first`: the number, and so the moment, of the first one.
    """
    dice, turn = Random(seed), itertools.count()
    for number in range(first, first + count):
        matters = dice.random() < reports
        group = next(turn) % groups if matters else dice.randrange(groups)
        text = report(dice) if matters else chatter(dice)
        yield Said(number, group, dice.randrange(SPEAKERS), START + number * STEP, text, matters)
