"""One compiled pattern that finds whether a text contains any of thousands of words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

# How many first characters share a branch. A regular expression tries the branches of an alternative one after the
# other, so a flat one over hundreds of first characters is slow; a tree of character classes is not.
_FAN: Final = 8


def compile_anchors(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern whose `search` succeeds exactly when the text contains one of the words."""
    wanted = _shortest(set(words))
    return re.compile(_tree(wanted)) if wanted else re.compile(r"(?!)")


def _shortest(words: set[str]) -> list[str]:
    """Return the words without those that contain another one as their beginning: it decides alone."""
    kept: list[str] = []
    for word in sorted(words):
        if not kept or not word.startswith(kept[-1]):
            kept.append(word)
    return kept


def _tree(words: list[str]) -> str:
    branches: dict[str, list[str]] = defaultdict(list)
    for word in words:
        branches[word[0]].append(word[1:])
    return _alternative([(head, _tail(tails)) for head, tails in sorted(branches.items())])


def _tail(tails: list[str]) -> str:
    if "" in tails:
        return ""
    single = [tail for tail in tails if len(tail) == 1]
    longer = [tail for tail in tails if len(tail) > 1]
    parts = [_characters(single)] if single else []
    return _group(parts + ([_tree(longer)] if longer else []))


def _alternative(branches: list[tuple[str, str]]) -> str:
    if len(branches) <= _FAN:
        return _group([re.escape(head) + tail for head, tail in branches])
    step = -(-len(branches) // _FAN)
    parts = [branches[start : start + step] for start in range(0, len(branches), step)]
    return _group([f"(?={_characters([head for head, _ in part])}){_alternative(part)}" for part in parts])


def _characters(chars: list[str]) -> str:
    return re.escape(chars[0]) if len(chars) == 1 else "[" + "".join(map(re.escape, chars)) + "]"


def _group(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else "(?:" + "|".join(parts) + ")"
