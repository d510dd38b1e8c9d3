"""Own tokenizer: loaded without cache files, free of the global one, bounded in length."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.lexicon import MAX_CUT, Lexicon

LEXICON = Lexicon.load(["飞线", "平安灯"])


def test_domain_words_are_cut_as_one() -> None:
    """Words of the rules are known, and do not tear longer words apart."""
    assert LEXICON.cut("楼道里飞线充电") == ["楼道", "里", "飞线", "充电"]
    assert LEXICON.cut("平安灯") == ["平安灯"]
    assert "下水" in LEXICON.cut("下水管理")


@settings(deadline=None)
@given(st.text(max_size=80))
def test_cutting_loses_nothing(text: str) -> None:
    """The words joined are the text, and every character has a word number."""
    assert "".join(LEXICON.cut(text)) == text
    assert len(LEXICON.borders(text)) == len(text)


def test_loading_writes_no_cache_and_touches_no_global(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a cache file in the temporary folder nor an initialised global tokenizer is left behind."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lexicon = Lexicon.load(["平安灯"])
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
