"""Reading a rule table strictly: every mistake a clerk can make ends in a sentence that names file, key and remedy."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from classifiers.normalize import normalize


class RuleError(ValueError):
    """A rule file is wrong. The text says which file, which line or key, and what to write instead."""

    def __init__(self, file: str, where: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {where}: {problem}; {remedy}")
        self.file, self.where, self.problem, self.remedy = file, where, problem, remedy


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a file. Raises RuleError with the line of a syntax error."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RuleError(
            path.name, "syntax", str(error), "write it as TOML in UTF-8; Chinese keys need quotes"
        ) from error
    except OSError as error:
        raise RuleError(path.name, "file", str(error), "the rule folder must be readable") from error


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What `{name}` in a word list stands for, and other spellings of a word part (电梯: 电替, 嗲梯)."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
                raise self.error(key, "unknown key", f"known keys are {', '.join(known)}")

    def sub(self, key: str, data: object) -> Table:
        """Return the table under `key`."""
        if not isinstance(data, Mapping):
            raise self.error(key, "a table is needed", "write it as [table] with keys below it")
        return Table(self.file, f"{self.where}.{key}" if self.where else key, data, self.vocabulary)

    def number(self, key: str, default: float | None = None) -> float:
        """Return a number. Without `default` the key must be there."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.error(key, f"{value!r} is not a number", "write a number such as 2 or -1.5")
        return float(value)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.data.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, "a text is missing", 'write it in quotes, such as name = "路灯"')
        return value

    def words(self, key: str, *, shortest: int = 1) -> dict[str, str]:
        """Return spelling -> the word it stands for, groups resolved, all normalised. Missing key: nothing."""
        return self.word_list(key, self.data.get(key, []), shortest=shortest)

    def word_list(self, key: str, listed: object, *, shortest: int = 1) -> dict[str, str]:
        """The same for a list given directly."""
        if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
            raise self.error(key, "a list of words is needed", 'write ["路灯", "平安灯"]')
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
            raise self.error(key, f"unknown group {entry}", "define it under [groups] in words.toml")
        return group

    def _clean(self, key: str, word: str, shortest: int) -> str:
        clean = normalize(word).strip()
        if not clean:
            raise self.error(key, f"empty word {word!r}", "remove it or write the word")
        if len(clean) < shortest:
            raise self.error(key, f"{word!r} is too short", f"an anchor needs at least {shortest} characters")
        return clean
