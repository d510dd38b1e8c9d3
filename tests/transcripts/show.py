"""What the bot did, in the words of a transcript file: read by who writes one, and where one fails."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Post
from tests.transcripts.platform import PRIVATE, Message, Platform

NEXT_LINE = "\n      "
SHORT = 24
LEFT_OUT = frozenset({"原话", "上报人", "网格", "期限", "按钮", "负责", "照片", "依据"})


def name_of(chat: str) -> str:
    return f"{chat.removeprefix(PRIVATE)}私聊" if chat.startswith(PRIVATE) else chat


def parts_of(post: Post) -> list[str]:
    """The lines of a card and the buttons, each as 「名称 内容」."""
    lines = [f"{label} {value}" for label, value in post.card.lines] if post.card else []
    notes = post.card.note.split("；") if post.card and post.card.note else []
    buttons = ["按钮 " + "、".join(button.label for button in post.buttons)] if post.buttons else []
    return [line.replace("\n", " / ").replace("：", " ", 1) for line in (*lines, *notes)] + buttons


def title_of(post: Post) -> str:
    return "\n".join(filter(None, [post.text, post.card.title if post.card else ""]))


def line_of(paper: Platform, message: Message, post: Post, *, short: bool = False) -> str:
    """One post as a line of a transcript."""
    kind = "改为" if post is not message.versions[0] else ""
    head = [name_of(message.chat), f"卡片{kind}" if post.card else kind]
    if post.photos:
        head.append(f"照片{len(post.photos)}张")
    quoted = paper.find(message.chat, post.quote) if post.quote else None
    if quoted is not None:
        head.append(f'引用"{words_of(quoted)}"')
    parts = parts_of(post)
    if short and post.card:
        parts = [part for part in parts if part.partition(" ")[0] not in LEFT_OUT]
    body = " | ".join([title_of(post), *parts])
    return f"  {' '.join(filter(None, head))}: {body.replace(chr(10), NEXT_LINE)}"


def words_of(message: Message) -> str:
    """What stands in a message, shortened."""
    last = message.versions[-1] if message.versions else None
    text = (title_of(last) if last else message.text).replace("\n", " ")
    return (text if len(text) <= SHORT else text[:SHORT] + "…") or "照片"


def told(
    paper: Platform, posts: Sequence[tuple[Message, Post]], toasts: Sequence[tuple[str, str]], *, short: bool = False
) -> str:
    """Everything the bot did in one step. `short`: without edits, and of a card what makes it this one."""
    fresh = [(message, post) for message, post in posts if not short or post is message.versions[0]]
    lines = [line_of(paper, message, post, short=short) for message, post in fresh]
    lines += [f"  {who} 看到: {text}" for who, text in toasts if text]
    return "\n".join(lines or ["  静"])
