"""Learned weights as a rule file that a clerk can read: a word a line, with what spoke for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from classifiers.learn import Evidence, Fitted
from classifiers.learned import KEY
from classifiers.openers import Opener

_HEAD = """\
# 这个文件由 gridbridge rules learn 写成：{about}
# 每个词后面是它的分（正的像这一类，负的不像），# 后面是凭据：有这个词的句子里，几句是这一类。
# 可以改：删一行就是不用这个词，改数字就是改分；下次再学会整个重写，要长久保留的词请写进别的规则文件。
# bias 是起点分，hand 是手写规则的 1 分在这里算几分；以 # 开头的不是词，是句子的样子（见 docs/rules.md）。
"""


_OPENERS = """\
# 这个文件由 gridbridge rules learn 写成：{about}
# 新的触发词：原来没有一个触发词的上报，靠它们才听得见。# 后面是每个词的好处和代价。不要的删掉那一行。
"""


def as_toml(kind: str, classes: Mapping[str, Fitted], *, about: str, names: Mapping[str, str]) -> str:
    """Return the text of a rule file. `names`: of the classes, for the comment beside each."""
    return "\n".join([_HEAD.format(about=about), *_tables(kind, classes, names)])


def openers_toml(openers: Sequence[Opener], *, about: str) -> str:
    """Return the text of a rule file with general anchors; the comment beside each says what it costs."""
    lines = [
        f"    {_quoted(one.word)},{_comment(f'多听进 {one.reports} 句上报、{one.talk} 句闲聊')}" for one in openers
    ]
    return "\n".join([_OPENERS.format(about=about), "[evidence.learned]", "anchors = [", *lines, "]", ""])


def _tables(kind: str, classes: Mapping[str, Fitted], names: Mapping[str, str]) -> Iterator[str]:
    for code, fitted in classes.items():
        path = f"{KEY}.{kind}.{_quoted(code)}"
        yield f"[{path}]{_comment(names.get(code, ''))}"
        yield f"bias = {fitted.bias}"
        if fitted.hand:
            yield f"hand = {fitted.hand}"
        yield ""
        yield f"[{path}.words]"
        for word in sorted(fitted.words, key=lambda word: (-fitted.words[word], word)):
            yield f"{_quoted(word)} = {fitted.words[word]}{_comment(_told(fitted.evidence.get(word)))}"
        yield ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _comment(text: str) -> str:
    return f"  # {text}" if text else ""


def _told(evidence: Evidence | None) -> str:
    return f"{evidence.seen} 句里 {evidence.held} 句" if evidence else ""
