"""Which category does a worker mean by a word? 「确认 128 下水道」."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from classifiers.normalize import normalize
from classifiers.verdict import Verdict


def category_of(
    word: str, names: Mapping[str, str], understand: Callable[[str], Verdict] | None = None
) -> tuple[str, ...]:
    """Codes the word may mean, one if it is clear: the name, a part of a name, else what the rules make of the word."""
    wanted = normalize(word).strip()
    if not wanted:
        return ()
    if wanted in names:
        return (wanted,)
    plain = {code: normalize(name) for code, name in names.items()}
    exact = tuple(code for code, name in plain.items() if name == wanted)
    part = tuple(code for code, name in plain.items() if wanted in name or (len(name) > 1 and name in wanted))
    if exact or part:
        return exact or part
    verdict = understand(f"{wanted}坏了") if understand else None
    return (verdict.category,) if verdict and verdict.category else ()
