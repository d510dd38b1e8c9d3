"""Own tokenizer: loaded without cache files, free of the global one, bounded in length."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import jieba
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classifiers.lexicon import MAX_CUT, Lexicon

LEXICON = Lexicon.load()


def test_known_words_have_borders() -> None:
    """Words of the dictionary are cut as one, so that a rule word across a border can be told."""
    assert LEXICON.cut("楼道里的下水管理") == ["楼道", "里", "的", "下水", "管理"]


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=60))
@example("又动手打媳妇了从楼上掉下来一块外墙皮差点砸到人")
def test_the_fast_borders_are_those_of_jieba(text: str) -> None:
    """The own search for the likeliest path cuts Chinese exactly as jieba does without guessing."""
    starts, where = [], 0
    for word in LEXICON.cut(text):
        starts += [where] * len(word)
        where += len(word)
    assert LEXICON.borders(text) == starts


@settings(deadline=None)
@given(st.text(max_size=80))
def test_cutting_loses_nothing(text: str) -> None:
    """The words joined are the text, and every character has a word number."""
    assert "".join(LEXICON.cut(text)) == text
    assert len(LEXICON.borders(text)) == len(text)


def test_loading_writes_no_cache_and_touches_no_global(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a cache file in the temporary folder nor an initialised global tokenizer is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lexicon = Lexicon.load()
    lexicon.cut("平安灯不亮")
    assert list(tmp_path.iterdir()) == []
    assert not jieba.dt.initialized
    assert "平安灯" not in jieba.dt.FREQ


def test_the_full_dictionary_knows_rarer_words() -> None:
    """`full_dictionary` reads jieba's own list."""
    full = Lexicon.load(full_dictionary=True)
    assert full.cut("暖气片")
    assert len(full._tokenizer.FREQ) > 3 * len(LEXICON._tokenizer.FREQ)


def test_a_monotonous_run_does_not_block() -> None:
    """Thousands of equal characters would cost jieba tens of milliseconds; only the first are cut."""
    start = time.perf_counter()
    words = LEXICON.cut("路" * 2000)
    assert time.perf_counter() - start < 1.0
    assert words[-1] == "路"
    assert len(words) >= 2000 - MAX_CUT
