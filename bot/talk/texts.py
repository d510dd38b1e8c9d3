"""Every sentence a person reads, loaded once and checked before the first one is said.

A sentence holds `{fields}`; a part in [brackets] is left out where one of its fields is empty. A town may bring a
file of its own that replaces single sentences: it may not use a field the shipped sentence could not fill.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bot.errors import ConfigError
from bot.model import Audience

SHIPPED: Final = Path(__file__).with_name("texts.zh-CN.toml")

# Which variants of a notice serve an audience, the best first. A reporter who cannot be reached in private is spoken
# to in the group: then the caller asks for "group".
VARIANTS: Final[Mapping[Audience, tuple[str, ...]]] = {
    Audience.GROUP: ("group",),
    Audience.REPORTER: ("private", "group"),
    Audience.REPORTER_PRIVATE: ("private",),
    Audience.SPEAKER: ("private", "staff"),
    Audience.STAFF: ("staff",),
    Audience.UNIT: ("unit", "staff"),
    Audience.SUPERVISOR: ("supervisor", "staff"),
    Audience.LEVEL: ("supervisor", "staff"),
    Audience.CONNECTOR: (),
}
_TOKEN: Final = re.compile(r"\{([^{}]*)\}|([\[\]{}])|([^\[\]{}]+)")


class TextsError(ConfigError):
    """A sentence is missing or cannot be said; names the file, the sentence and the field."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of text and fields; `optional`: left out where a field is empty."""

    tokens: tuple[tuple[str, bool], ...]  # (text or field name, is it a field)
    optional: bool

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(name for name, is_field in self.tokens if is_field)


Sentence = tuple[_Part, ...]


class Texts:
    """Sentences by key, e.g. `notice.accepted.group`. Immutable after `load`."""

    def __init__(self, sentences: Mapping[str, Sentence]) -> None:
        self._sentences = sentences

    @classmethod
    def load(cls, path: Path | None = None) -> Texts:
        """The shipped sentences, with those of `path` in their stead. Raises TextsError."""
        sentences = _shipped()
        if path is None:
            return cls(sentences)
        own = {key: _replaced(sentences, key, text, path) for key, text in _flat(_read(path), path)}
        return cls({**sentences, **own})

    def say(self, key: str, /, **data: object) -> str:
        """Raises TextsError for an unknown key or a field that is not given outside [brackets]."""
        sentence = self._sentences.get(key)
        if sentence is None:
            raise TextsError(f"there is no sentence {key!r}")
        return "".join(_spoken(part, data, key) for part in sentence).strip("\n")

    def has(self, key: str) -> bool:
        return key in self._sentences

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        return tuple(key for key in self._sentences if key.startswith(prefix))

    def fields(self, key: str) -> frozenset[str]:
        return frozenset(name for part in self._sentences[key] for name in part.fields)

    def word(self, table: str, code: str) -> str:
        """「待核实」 for ("state", "reported"); a code without a word stays as it is."""
        key = f"words.{table}.{code}"
        return self.say(key) if key in self._sentences else code

    def words(self, table: str, codes: Sequence[str]) -> str:
        return "、".join(self.word(table, code) for code in codes)

    def notice_key(self, kind: str, audience: Audience, *, in_group: bool = False) -> str | None:
        """The sentence of a notice; `in_group`: the reporter is answered in the group. None: nothing to say to them."""
        variants = ("group",) if in_group else VARIANTS[audience]
        keys = (f"notice.{kind}.{variant}" for variant in variants)
        return next((key for key in keys if key in self._sentences), None)


@cache
def _shipped() -> Mapping[str, Sentence]:
    shipped = _read(SHIPPED)
    flat = _flat(shipped, SHIPPED)
    fields = frozenset(name.removeprefix("fields.") for name, _ in flat if name.startswith("fields."))
    del shipped["fields"]
    return {key: _parse(text, fields, f"{SHIPPED.name}: {key}") for key, text in _flat(shipped, SHIPPED)}


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TextsError(f"{path}: {error}") from error


def _flat(table: Mapping[str, object], path: Path, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, path, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield prefix + name, value
        else:
            raise TextsError(f"{path}: {prefix}{name} is no sentence but {value!r}")


def _parse(text: str, fields: frozenset[str], where: str) -> Sentence:
    parts: list[_Part] = []
    tokens: list[tuple[str, bool]] = []
    optional = False
    for field, mark, plain in _TOKEN.findall(text):
        if mark in {"[", "]"}:
            if optional == (mark == "["):
                raise TextsError(f"{where}: brackets do not pair")
            parts.append(_Part(tuple(tokens), optional))
            tokens, optional = [], mark == "["
        elif mark or (not plain and field not in fields):
            raise TextsError(f"{where}: unknown field {{{field}}}; known are {', '.join(sorted(fields))}")
        else:
            tokens.append((plain or field, not plain))
    if optional:
        raise TextsError(f"{where}: brackets do not pair")
    return tuple(part for part in (*parts, _Part(tuple(tokens), optional=False)) if part.tokens)


def _replaced(sentences: Mapping[str, Sentence], key: str, text: str, path: Path) -> Sentence:
    if key not in sentences:
        raise TextsError(f"{path}: there is no sentence {key!r} to replace")
    fields = frozenset(name for part in sentences[key] for name in part.fields)
    sentence = _parse(text, fields, f"{path}: {key}")
    must = {name for part in sentences[key] if not part.optional for name in part.fields}
    careless = {name for part in sentence if not part.optional for name in part.fields} - must
    if careless:
        raise TextsError(f"{path}: {key}: {', '.join(sorted(careless))} may be empty; put that part in [brackets]")
    return sentence


def _spoken(part: _Part, data: Mapping[str, object], key: str) -> str:
    if part.optional and any(data.get(name) in (None, "") for name in part.fields):
        return ""
    missing = [name for name in part.fields if data.get(name) is None]
    if missing:
        raise TextsError(f"{key}: no value for {', '.join(missing)}")
    return "".join(str(data[name]) if is_field else name for name, is_field in part.tokens)
