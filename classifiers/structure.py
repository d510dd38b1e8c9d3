"""What a message shows beyond its words: a place, how long it lasts, a question, a phone number, a price."""

from __future__ import annotations

import re
from typing import Final

_COUNT = r"[\d一二三四五六七八九十两几半仨俩好多]+个?"
_DONE = (
    r"(?:换|修|装|盖|填|清|拉|挪|接|补|通|处理|解决|弄|搞|安|铲|锯|撤|焊|贴|铺|送|退|还|找|调|劝|抓|追|救)"
    r"(?:上|回去|好|完|走|通|开|掉|回来|到|着|住|齐)(?:了|啦|咯|咗)"
)
_YOU = (
    r"(?:你|您|恁)"
    r"(?:先|把|去|打|看|可以|可|要|得|那|点|在|试试|家那|说的|找|问|拿|到|直接|们那|就|看看)"
)
_ALL_OF_YOU = (
    r"请(?:各|大家|广大|有|还没|家中|居民|业主|住户|户主|车主|家长|相关|需要|未|全体|提前|注意|勿|不要|务必|互相|及时|"
    r"邻居|尽量|自觉|做好|关好|沿街|过往|老年)"
)
_EXPERT = r"(?:律师|专家|医生|警方|网友|官方|记者|民警|消防)(?:说|提醒|:|称|支招|教)"
_FORWARDED = r"\[(?:链接|视频|视频号|公众号|小程序|转发|聊天记录)\]"
_ITEM = r"\s?[.、 ]?\s?"

_SIGNS: Final = {
    # towards a report
    "duration": (
        rf"{_COUNT}(?:天|周|礼拜|星期|月|年|钟头|小时|晚上|宿|夜|回|次|趟|遍)|一直|天天|每天|老是|总是|成天|整天|至今|到现在"
    ),
    "night": r"半夜|凌晨|深夜|一宿|整宿|通宵",
    "question": (
        r"[?吗]|咋|怎么|怎样|啥|什么|哪|几时|能不能|可以.{0,6}不|能.{0,8}不|有没有|谁(?!都|知)|多少|多久|行不行|"
        r"算不算|中不中|点解|点算|咩"
    ),
    "asked": r"(?:吗|么|没|不|呢|[?])[?!。\s]*$",
    "urging": (
        r"赶紧|赶快|快来|快点|尽快|速来|急急|救命|!!|求求|麻烦|拜托|恳请|请求|"
        r"请.{0,6}(?:派|处理|解决|看看|安排|帮)"
    ),
    "mention": (
        r"网格员|网格长|物业|社区|居委|村委|村里|村上|书记|支书|主任|街道|镇上|镇里|城管|领导|管理处|派出所|交警|同志"
    ),
    # away from it
    "phone": r"1[3-9]\d{9}|1\d{2,6}x{4}|微信同号|加微信|加我微",
    "price": (
        r"\d+(?:\.\d+)?(?:块|元|一斤|/斤)|[一二三四五六七八九十百千两]+(?:块|元)(?:钱)?(?:一|两|三|[个只斤])|"
        r"一斤|包邮|特价|优惠"
    ),
    "numbered": (
        rf"(?:^|\n)\s*\d{{1,2}}{_ITEM}\S{{1,14}}\s*\n\s*\d{{1,2}}{_ITEM}\S|"
        rf"\b1{_ITEM}[^\s\d]{{1,8}}\s*[,，]?\s*2{_ITEM}[^\s\d]|接龙|\+\d"
    ),
    "fixed": rf"(?<![没不又]){_DONE}(?!没|吗|又|\?)|(?:总算|终于|现在).{{0,12}}(?:了|啦|咯)$",
    "instruct": (
        r"先.{1,10}(?:再|然后|后)|先(?:拿|看|用|别|去|把|关|给)|不是.{1,6}[, ]?是|就(?:行|可以|能|是)[了的]?[,。!]*$|"
        rf"(?:上回|上次|我家)就(?:是)?这么|得(?:去|找)|点开|搜一下|一搜|直接(?:打|去|找|拨)|下载|{_YOU}|不用|别忘|记得|"
        r"归(?![谁哪]).{1,5}管(?!吗|不)|电话\d{3,}|就能(?:交|办|查|领)|(?:要去|要到).{1,8}(?:拿|办|领|开)|带上|在.{1,6}官网"
    ),
    "news": (
        rf"[《》]|某(?:市|县|地|小区|村|男子|女子)|{_EXPERT}|{_FORWARDED}|转发|网传|听说|辟谣|组图|\(图\)|(?:男|女)子|(?:男|女)童|"
        r"致\d*.{0,3}[死伤]|[死伤]亡|身亡|遇难|获刑|被判|被拘|落网|嫌疑人|犯罪|警方|法院|私了|当局|总统|新华|快讯|续:|\d+岁(?:男|女|少)"
    ),
    "headline": r"^[^了的吗吧呢啊我俺咱你们没又都还在呀啦很太请怎咋谁能要不,。@]{14,}$",
    "past": (
        r"那(?:年|时候|会儿)|当年|小时候|[一二三四五六七八九零〇\d]{2,4}年(?:前|那|的|代)|前些年|老照片|以前|好早|之前的事"
    ),
    "perhaps": (
        r"(?:掉|摔|砸|撞|淹|伤).{0,8}(?:咋办|咋整|怎么办|怎么得了|点算)|万一|假如|如果|要是|的话|小心|以防|防止|预防|容易|"
        r"会不会|别是|好像|差点没|我觉得|吧[。!~]*$"
    ),
    "laugh": r"哈哈|嘿嘿|笑(?:死|喷|疯|了|话)|开玩笑|逗",
    "thanks": (
        r"^(?!.*(?:麻烦|希望|能不能|恳请|尽快|帮忙|没人)).*(?:谢|感恩|辛苦|致敬|夸|多亏)|点赞|锦旗|好评|"
        r"真(?:好|快|及时|给力|亮|干净)|细心|贴心|放心多了"
    ),
    "you": r"你(?!们|好)",
    "mood": r"开心|高兴|不错|漂亮|好看|真香|好香|有意思|好玩|无聊|可爱|舒服|热闹|给力|恭喜|厉害了|懂事",
    "invite": (
        r"哪(?:里|儿|家)?(?:有卖|能买|可以买|买)|推荐|谁(?:有|要|会)(?!.{0,6}(?:游泳|绳|车|灭火|急救|梯|泵|钥匙|办法))|借我|三缺一|拼车|一起(?:吗|去|的|不)|"
        r"有人(?!管|修|来|处理|负责|解决|知道|清|扫|收).{1,8}(?:吗|么)|放假"
    ),
    "away": (
        r"学校(?!门口|旁|边|附近|对面|[东西南北]|大门|围墙|后|前)|宿舍|寝室|火车|高铁|飞机|机场|地铁(?!口|站|施工)|隧道|办公室|客服|店家|"
        r"[订点退取套丢漏]餐|外卖|送餐(?:慢|快|员)|配送|骑手|小哥|退订|米线|[粥酱]|点了.?份|电影|视频|新闻|游戏|毕业|考试|老家|单位|公司|电脑|手机.{0,3}没电|手机快|短信|群发|作业|同学|室友|机场|车上|银行卡|聊天|火车站|人品"
    ),
    "staffcall": (
        rf"{_ALL_OF_YOU}|请(?:不要|拴|勿)|文明|严肃处理|一经发现|凡是|不要信|月底前|届时|通知|公告|提示|本周|本月|将于|拟于|"
        r"入户|统一|检修|排查"
    ),
}
# What a short and clear report does not show; with one of these the words alone are no longer enough for a card.
_AGAINST: Final = frozenset(
    (
        *("asked", "perhaps", "headline", "you", "away", "phone", "price", "numbered"),
        *("fixed", "instruct", "news", "past", "laugh", "mood", "invite", "thanks", "staffcall", "worker"),
    )
)
# Where life is in danger less is asked: people call for whoever has a rope, and name the place where they work.
_AGAINST_DANGER: Final = frozenset(
    ("perhaps", "headline", "numbered", "fixed", "instruct", "news", "past", "laugh", "thanks", "staffcall", "worker")
)
# With one of these no words are enough for a card: it is not this grid, or not now.
_ELSEWHERE: Final = frozenset(
    ("headline", "news", "past", "laugh", "mood", "invite", "away", "you", "fixed", "thanks", "staffcall")
)
_ELSEWHERE_DANGER: Final = frozenset(("headline", "news", "past", "laugh", "fixed"))
_PATTERNS: Final = {name: re.compile(sign) for name, sign in _SIGNS.items()}
_LONG: Final = 120  # characters; few people write that much in a chat unless they want something


def structure(text: str, *, place: str | None, worker: bool) -> frozenset[str]:
    """Return the names of what the normalised text shows; the points for each are in settings.toml."""
    found = {name for name, pattern in _PATTERNS.items() if pattern.search(text)}
    found |= {"place"} if place else set()
    found |= {"worker"} if worker else set()
    return frozenset(found | ({"long"} if len(text) >= _LONG else set()))


def tells_of_here_and_now(shown: frozenset[str], *, danger: bool) -> bool:
    """Tell whether it can be a matter of this grid today: no news, no old story, no joke, nothing from a journey."""
    return shown.isdisjoint(_ELSEWHERE_DANGER if danger else _ELSEWHERE)


def speaks_against(shown: frozenset[str], *, danger: bool) -> bool:
    """Tell whether something shown makes it doubtful that a fault is reported here and now. `danger`: to life."""
    return not shown.isdisjoint(_AGAINST_DANGER if danger else _AGAINST)
