"""What people say around a report, told by its wording alone; what it means depends on where it is said (dialogue)."""

from __future__ import annotations

import re
from typing import Final

from classifiers.normalize import normalize

_END: Final = r"[\s。.,，~!！?？呀啊呢吧哈嘛了的哦喔]*"
_WE: Final = r"(?:我们?|俺们?|咱们?|偶|阿拉|我哋)(?:家|屋|这边?|那边?|们?楼|们?单元|们?栋|这儿|这里|厂|店)?"

_HANDS: Final = re.compile(r"[✋🙋👆☝🖐]|➕\s*1")
_SUPPORT: Final = re.compile(
    rf"(?:{_WE}|这边|隔壁|对门|楼上|楼下|\S{{1,8}}(?:楼|栋|单元|组))\s*(?:这里|这边)?(?:也|都|同样|亦)"
    rf"(?!去|要|想|买|报名|参加|来(?!水|电|气)|谢|支持不|不知|希望|觉得|喜欢|爱|帮|会|打电话|吃|走|有一|好了|好的|恢复|正常)"
    rf"|(?:同|同上|同求|一样|也是|一样的|附议|支持|顶|加一|\+\s?1|1\s?\+|我也|俺也|可不是|也闻到|也没有?)"
)
_SUPPORT_BARE: Final = re.compile(
    rf"(?:同|同上|同求|一样|一样的|也是|也是的|附议|顶|加一|\+\s?1|可不是|可不|我也|俺也|我家也|{_WE}也){_END}"
)
_PLUS_ONE: Final = re.compile(r"(?<![\d.])\+\s?1(?![\d0-9])")
_HERE_TOO: Final = re.compile(
    rf"^(?:(?:是|对|嗯|没错)[,，\s]*)?(?:{_WE}[^,，。!?]{{0,10}}|这边|对门|楼上|楼下|[^,，。\s]{{1,6}}(?:楼|栋|单元|组))\s?(?:也|都|亦)"
    rf"(?!去|要|想|买|报名|参加|来(?!水|电|气)|谢|不知|希望|觉得|喜欢|爱|帮|会|打电话|吃|走|好了|好的|恢复|正常|有一)"
)
_AGREE: Final = re.compile(
    r"^(?:支持|赞成|同意|附议|就是|是啊|对啊|可不是)(?!不)|^(?:是|对|嗯|没错)[\s,，]+(?=\S*(?:黑|没|不|停|坏|臭|堵|漏|吵|响|冷|凉))"
)
_DENY: Final = re.compile(
    rf"{_WE}(?:这边?|那边?)?(?:[^,，。\s]{{0,4}})(?:有(?:啊|水|电|气|网|的)|没事|没问题|正常|好的|好好的|清亮|不停|挺好|\d+度呢)|没(?:停|坏|断)啊"
)

_NOT_FIXED: Final = re.compile(
    r"(?:还|又|仍|仍然|依然|依旧|根本|压根|照样|一直|并)(?:是|就)?(?:没有?|不|未)(?:修|弄|解决|处理|换|人|来|动|亮|好|通|热|行|走|清|拉|搬|响)"
    r"|没(?:有)?(?:修|弄|解决|处理|换)?好|没(?:有)?(?:解决|处理)|(?:还|仍|依)(?:是|然)?(?:老样子|黑|堵|漏|臭|坏|吵|乱|那样|这样|脏|满|停|冷|凉)"
    r"|又(?:是)?(?:坏|不亮|堵|漏|停|灭|黑|返|这样|开始|来了|满了|断)|白修|跟没修一样|冇整好|未整好|没用"
)
_CALLED_OFF: Final = re.compile(
    r"(?:不用|不必|不要|别|唔使)(?:再)?(?:管|来|修|理|麻烦|报|找|处理|派人|去|过来|跑)(?:我|了|啦|喇)?|(?:好了|行了|可以了|没事了?|冇事).{0,3}(?:不用|不必|别|唔使)"
    r"|不用了|没事(?:儿)?(?:了|啦|就好|就行)|冇事|撤回吧|取消吧|当我没说|虚惊|搞错了.{0,4}没事|(?:来|有)(?:水|电|气|网|信号)了(?!吗|么|没|不|\?)"
    r"|(?:自己|已经|又)?(?:修|弄|搞|整|换|推上去|接|通|开|拴|挪|移|搬)(?:好|走|开)(?:了|啦)(?!吗|么|没|\?)|找[到着](?:了|啦)(?!吗|么|没|\?)|开走了|静了|亮了(?!吗|么|没|\?)|通了(?!吗|么|没|\?)|好了(?!吗|么|没|\?)"
)
_IS_OVER: Final = re.compile(r"(?:好|修好|来|来[水电气网]|有[水电气网]|通|亮|恢复|处理|解决|弄好)了?(?:吗|么|没有?|\?)")
_STILL_BAD: Final = re.compile(
    r"(?:好|修|亮|通|来|弄|解决|处理|换|有|找).{0,3}(?:了没|了吗|了么|没有\?|不了)|(?:没|不|未|还)(?:.{0,3})(?:好|亮|通|来)了"
)
_CORRECTION: Final = re.compile(
    r"^(?:(?:啊|哦|噢|哎|呃|额|抱歉|不好意思|对不起)[,，\s]*)?"
    r"(?:说错|打错|写错|搞错|弄错|讲错|记错|闻错|看错|发错|不对(?![劲头味])|错了|更正|纠正|更正一下|\*)"
    r"|^(?:不是|唔系)[^,，。?]{1,12}[,，\s]*(?:是|系)(?!不|吗)|^应该是(?=.{0,14}(?:楼|栋|单元|号|门|路))"
)
_INSTEAD: Final = re.compile(r"(?<!不)(?<!还)(?<!可)(?:是|系)([^是系]{2,30})$")
_NEGATED: Final = re.compile(r"(?:不是|唔系|没有)[^,，。\s]{1,10}")

_ACK: Final = re.compile(
    r"(?:好+[的嘞滴呀哒吧]?|嗯+|行+|中[的嘞]?|ok+|收到|确认|知道了?|明白|了解|晓得了?|对+|是[的啊]?|哦+|噢+|哈+|嘻+|呵+|赞+|棒|点赞|牛|厉害|可以"
    r"|没问题|不客气|太好了|放心|等着|拜托|麻烦.{0,6}|晚安|早+|早[上安啊]?好?|晚上好|你好|大家好|再见|明天见)"
    r"(?:[\s,，。.!~啊呀吧哈了啦嘛呢的]+[^\s]{0,5})?"
)
_THANKS: Final = re.compile(r"谢谢|谢了|多谢|感谢|谢天谢地|辛苦|给力|点赞|👍|🙏|鞠躬|唔该晒")
_SOCIAL: Final = re.compile(
    r"(?:早上|上午|中午|下午|晚上)好|早安|晚安|吃了(?:没|吗)|在吗$|在不$|各位|打扰|生日快乐|新年好|恭喜|哈哈|抱拳|拼车|二手|转让|出售|多少钱|红包"
    r"|打牌|广场舞.{0,4}(?:走|来)|买菜|豆腐|快递到|有人要|接龙|链接|明早见|集合"
)
_QUESTION: Final = re.compile(r"[?？]\s*$|(?:吗|么|没|不|呢)\s*$|^(?:谁|哪|什么|啥|怎么|咋)")
_WORD: Final = re.compile(r"[\u4e00-\u9fffa-z0-9]")
_LASTING: Final = re.compile(
    r"好几(?:天|回|次)|天天|每天|一直|老是|总是|好久了|[一二两三四五六七八九十0-9]+(?:天|回|次)了|又[^,，。]{0,6}了$"
)
_OF_US: Final = re.compile(r"[我俺咱偶]|家里|这边|这里")
_ANOTHER: Final = re.compile(
    r"^(?:再一个|还有(?:一|个|就是)|另外|还有[,，\s]|第二|另一个|顺便(?:说|问|反映)|再说(?:一|个)|对了[,，\s])"
)


def supports(text: str, *, quoting: bool = False) -> bool:
    """「我家也是」, +1, ✋, 「同」. `quoting`: under the report itself more words count as agreement."""
    if _HANDS.search(text):
        return True
    plain = normalize(text).strip()
    if not plain or len(plain) > 40 or _DENY.search(plain):
        return False
    bare = _SUPPORT_BARE.fullmatch(plain) or _PLUS_ONE.search(plain) or _HERE_TOO.match(plain)
    if bare or _AGREE.match(plain):
        return not plain.endswith(("吗", "么", "?"))
    return quoting and len(plain) <= 30 and _SUPPORT.match(plain) is not None


def only_agrees(text: str) -> bool:
    """「我家也是」, +1 and not a word more."""
    return _SUPPORT_BARE.fullmatch(normalize(text).strip()) is not None


def denies(text: str) -> bool:
    """「我家有水啊」: another's home is fine."""
    return _DENY.search(normalize(text)) is not None


def not_fixed(text: str) -> bool:
    """「没好」 and its kin, for an answer to a result."""
    plain = normalize(text)
    return len(plain) <= 120 and _NOT_FIXED.search(plain) is not None and "没事" not in plain


def called_off(text: str) -> bool:
    """「好了不用了」, 「来电了」: whoever reported it says it is over; a question or a complaint is not."""
    plain = normalize(text).strip()
    if not plain or len(plain) > 60 or plain.endswith(("?", "吗", "么")):
        return False
    return _CALLED_OFF.search(plain) is not None and not (_STILL_BAD.search(plain) or _NOT_FIXED.search(plain))


def asks_if_over(text: str) -> bool:
    """「来电了吗」."""
    plain = normalize(text).strip(" 。.,，~!")
    return plain.endswith(("?", "吗", "么", "没", "没有")) and _IS_OVER.search(plain) is not None


def corrects(text: str) -> bool:
    """「不对，是5号楼」, 「说错了」."""
    return len(text) <= 80 and _CORRECTION.search(normalize(text).strip()) is not None


def corrected_to(text: str) -> str:
    """The part that is meant instead: what is denied is cut out, 「不是煤气 是化粪池」 -> 「化粪池」."""
    rest = _NEGATED.sub(" ", normalize(text)).strip()
    found = _INSTEAD.search(rest)
    return (found[1] if found else rest).strip(" ,，。")


def opens_another(text: str) -> bool:
    """「再一个…」, 「另外…」: the next of several matters."""
    return _ANOTHER.search(normalize(text).strip()) is not None


def small_talk(text: str) -> bool:
    """Thanks, greetings, acknowledgements, faces: nothing that tells more about a trouble."""
    plain = normalize(text).strip()
    if not _WORD.search(plain):
        return True
    if _THANKS.search(text) and len(plain) <= 30:
        return True
    if _ACK.fullmatch(plain):
        return True
    return _SOCIAL.search(plain) is not None and len(plain) <= 30


def asks(text: str) -> bool:
    """A question to the others."""
    return _QUESTION.search(normalize(text).strip()) is not None


def agrees(text: str) -> bool:
    """「可以」 to a question of the bot, as short as that."""
    plain = normalize(text).strip(" 。.,，~!")
    return plain in {
        "可以",
        "好",
        "好的",
        "行",
        "方便",
        "同意",
        "是",
        "是的",
        "嗯",
        "ok",
        "可以的",
        "方便的",
        "现在可以",
    }


def lasting(text: str) -> bool:
    """「天天堵那」, 「好几天了」: a complaint of one's own about the same thing."""
    return _LASTING.search(normalize(text)) is not None or not_fixed(text)


def thanks(text: str) -> bool:
    return _THANKS.search(text) is not None


def of_us(text: str) -> bool:
    """It speaks of the speaker's own home or of us."""
    return _OF_US.search(normalize(text)) is not None
