"""The category a worker means by a word behind 「确认 128」."""

from __future__ import annotations

import pytest

from bot.talk.categories import category_of
from classifiers.keyword import Classifier

NAMES = {code: category.name for code, category in Classifier.load().categories.items()}


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("路灯", "facility.streetlight"),
        ("下水道", "facility.drain"),
        ("電梯", "facility.lift"),
        ("facility.lift", "facility.lift"),
    ],
)
def test_a_word_means_its_category(word: str, code: str) -> None:
    assert category_of(word, NAMES) == (code,)


def test_a_word_of_several_names_gives_them_all() -> None:
    """The caller asks back."""
    assert {"hazard.fire", "hazard.gas", "hazard.electric"} <= set(category_of("隐患", NAMES))


@pytest.mark.parametrize("word", ["", "  ", "马上去", "明天"])
def test_other_words_mean_none(word: str) -> None:
    assert category_of(word, NAMES) == ()
