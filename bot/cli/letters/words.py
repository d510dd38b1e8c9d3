"""What a dead letter said: what the rules make of it, and, only where nobody could be given away, its words."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.casebook.book import Book
from bot.cli.classify import load_classifier
from bot.cli.letters.seen import Seen, photos, said
from bot.config import ClassifierConfig
from bot.privacy import mask_personal
from classifiers.verdict import Sensitivity, Tier, Verdict
from storage.dead_letters import IN

_TIERS = {Tier.CARD: "会弹卡片", Tier.LIST: "会进清单", Tier.NONE: "不像要办的事"}


def describe(one: Seen, config: ClassifierConfig, book: Book, *, words: bool) -> Iterator[str]:
    """Lines for `show`. Of an inbound message the rules' judgement stands for the words nobody has weighed yet."""
    text = said(one.letter.body)
    if one.secret:
        yield "内容：这件事是保密的，不显示"
        return
    yield f"内容：{len(text)} 个字" + (f"，{photos(one.letter.body)} 张照片" if photos(one.letter.body) else "")
    if one.letter.box == IN and text:
        yield from _judged(text, one, config, book, words=words)
    elif text:
        yield from _worded(text, open_=not one.private or one.case is not None, words=words)


def _judged(text: str, one: Seen, config: ClassifierConfig, book: Book, *, words: bool) -> Iterator[str]:
    verdict = _verdict(text, config)
    if verdict is None:
        yield "规则看来：规则在这条上也出错，说不清是不是保密的事，原话不显示"
    elif verdict.sensitive is not Sensitivity.NONE:
        yield "规则看来：像保密的事，原话不显示"
    else:
        about = f"，{book.category(verdict.category)}" if verdict.category else ""
        yield f"规则看来：{_TIERS[verdict.tier]}{about}"
        yield from _worded(text, open_=not one.private, words=words)


def _worded(text: str, *, open_: bool, words: bool) -> Iterator[str]:
    if not open_:
        yield "原话：私聊里的，不显示"
    elif not words:
        yield "原话：加 --words 看（号码打码）"
    else:
        yield f"原话：{mask_personal(text)}"


def _verdict(text: str, config: ClassifierConfig) -> Verdict | None:
    """None: this very text makes the rules stumble."""
    classifier = load_classifier(config)
    try:
        return classifier.classify(text)
    except Exception:  # noqa: BLE001 - the boundary of one message: it is shown because it broke something
        return None
