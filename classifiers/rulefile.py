"""Reading a rule table strictly: every mistake a clerk can make ends in a sentence that names file, key and remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from classifiers.normalize import normalize
from classifiers.whereabouts import line_of, line_of_syntax


class RuleError(ValueError):
    """A rule file is wrong. The text, Chinese for the clerks who write rules, names file, line, key and remedy."""

    def __init__(self, file: str, where: str, problem: str, remedy: str, line: int | None = None) -> None:
        at = f"第 {line} 行 " if line else ""
        super().__init__(f"{file}：{at}{where}：{problem}；{remedy}")
        self.file, self.where, self.problem, self.remedy, self.line = file, where, problem, remedy, line

    def found_in(self, text: str) -> RuleError:
        """Return the same error with its line. `text`: of the file."""
        line = self.line or line_of(text, self.where)
        return RuleError(self.file, self.where, self.problem, self.remedy, line)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file. Raises RuleError with the line of a syntax error."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(path.name, "编码", "不是 UTF-8", "请另存为 UTF-8") from error
    except OSError as error:
        raise RuleError(path.name, "文件", f"打不开（{error}）", "请检查文件夹的读取权限") from error
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = line_of_syntax(error, text)
        remedy = "请照别的规则文件的样子写：括号、引号要成对，中文的键要加引号，同一个键、同一张表只写一次"
        raise RuleError(path.name, "格式", f"读不懂（{error}）", remedy, line) from error


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What `{name}` in a word list stands for, and other spellings of a word part (电梯: 电替, 嗲梯).

    `everyday`: words of daily talk (电话, 老公), which never open the gate as one side of a pair.
    """

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    everyday: frozenset[str] = frozenset()

    def spellings(self, word: str) -> Iterator[str]:
        """Yield the word and every spelling in which each listed part is replaced by one of its variants."""
        parts = [part for part in self.variants if part in word]
        for choice in product(*((part, *self.variants[part]) for part in parts)):
            spelled = word
            for part, other in zip(parts, choice, strict=True):
                spelled = spelled.replace(part, other)
            yield spelled


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a rule file, with its place in the file for messages."""

    file: str
    where: str
    data: Mapping[str, Any]
    vocabulary: Vocabulary

    def error(self, key: str, problem: str, remedy: str) -> RuleError:
        return RuleError(self.file, f"[{self.where}] {key}", problem, remedy)

    def only(self, allowed: Iterable[str]) -> None:
        """Raise RuleError for a key that is not allowed."""
        known = sorted(allowed)
        for key in self.data:
            if key not in known:
                raise self.error(key, "没有这个键", f"能用的键是 {'、'.join(known)}")

    def sub(self, key: str, data: object) -> Table:
        """Return the table under `key`."""
        if not isinstance(data, Mapping):
            raise self.error(key, "应当是一张表", "请写成 [表名]，键写在下面")
        return Table(self.file, f"{self.where}.{key}" if self.where else key, data, self.vocabulary)

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number. Without `default` the key must be there."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            problem = f"{value!r} 不是数字" if key in self.data else "没有写"
            raise self.error(key, problem, "请写一个数字，例如 2 或 -1.5")
        return float(value)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "没有写文字", '请写在引号里，例如 name = "路灯"')
        return value

    def words(self, key: str, *, shortest: int = 1) -> dict[str, str]:
        """Return spelling -> the word it stands for, groups resolved, all normalised. Missing key: nothing."""
        return self.word_list(key, self.data.get(key, []), shortest=shortest)

    def word_list(self, key: str, listed: object, *, shortest: int = 1) -> dict[str, str]:
        """The same for a list given directly."""
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise self.error(key, "应当是一串词", '请写成 ["路灯", "平安灯"]')
        found: dict[str, str] = {}
        for entry in listed:
            for word in self._resolve(key, entry):
                clean = self._clean(key, word, shortest)
                for spelling in self.vocabulary.spellings(clean):
                    found.setdefault(spelling, clean)
        return found

    def _resolve(self, key: str, entry: str) -> tuple[str, ...]:
        if not (entry.startswith("{") and entry.endswith("}")):
            return (entry,)
        group = self.vocabulary.groups.get(entry[1:-1])
        if group is None:
            raise self.error(key, f"没有 {entry} 这组词", "请先在 words.toml 的 [groups] 里写上")
        return group

    def _clean(self, key: str, word: str, shortest: int) -> str:
        clean = normalize(word).strip()
        if not clean:
            raise self.error(key, f"有一个空词 {word!r}", "请删掉它，或者写上词")
        if len(clean) < shortest:
            raise self.error(key, f"“{word}”太短", f"触发词至少要 {shortest} 个字")
        return clean
