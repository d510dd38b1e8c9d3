"""What strangers write, made fit to be shown beside our own words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cleantext import CUT, NAME, clean, clean_line

MOST = 60
HOSTILE = st.text(
    st.characters()
    | st.sampled_from("\u202e\u2066\u2069\u200d\u200b\x00\x07\x1b\ud800\udfff\u0301\u0489\n\r\t\u2028👨👩❤\ufe0f楼坏"),
    max_size=400,
)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("3号楼路灯坏了", "3号楼路灯坏了"),
        ("abc\u202e№9 已办结\u202c", "abc№9 已办结"),
        ("\u2067上报人\u2069：王芳", "上报人：王芳"),
        ("路\u200b灯\u2060坏\ufeff了", "路灯坏了"),
        ("一\x00二\x07三\x1b[2J四", "一二三[2J四"),
        ("半\ud83d个\udc00字", "半个字"),
        ("一行\r\n二行\r三行\u2028四行", "一行\n二行\n三行\n四行"),
        ("头\n\n\n\n \n\n尾", "头\n\n尾"),
        ("坏\u0301\u0302\u0303\u0304\u0305了", "坏\u0301\u0302了"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥", "👨\u200d👩\u200d👧 ❤\ufe0f\u200d🔥"),
        ("王\u200d芳", "王芳"),
        ("Nguyễn Tiếng Việt ئۇيغۇر བོད་སྐད", "Nguyễn Tiếng Việt ئۇيغۇر བོད་སྐད"),
        ("\U000e0067\U000e0062标签", "标签"),
    ],
)
def test_what_hides_or_turns_is_gone(said: str, shown: str) -> None:
    """Words, line ends and emoji stay as they were."""
    assert clean(said, 200) == shown


def test_a_long_text_keeps_its_beginning_and_says_that_it_was_cut() -> None:
    """The place and the trouble mostly stand there."""
    kept = clean("3号楼路灯坏了" + "，快来修" * 300_000, 4000)
    assert kept.startswith("3号楼路灯坏了，快来修")
    assert kept.endswith(CUT)
    assert len(kept) == 4000


def test_rubbish_before_the_words_does_not_hide_that_they_were_cut() -> None:
    """A million zero widths, then a sentence: what is not looked at is told."""
    assert clean("\u200b" * 1_000_000 + "着火了", 4000) == CUT


@given(HOSTILE)
def test_nothing_that_controls_gets_through(said: str) -> None:
    """Whatever comes in: bounded, encodable, without characters that hide or turn; cleaned again it is the same."""
    shown = clean(said, MOST)
    assert len(shown) <= MOST
    assert shown.encode("utf-8").decode("utf-8") == shown
    left = {unicodedata.category(char) for char in shown if char not in "\n\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in shown} & {"LRE", "RLE", "LRO", "RLO", "LRI", "RLI", "FSI"}
    assert "\n\n\n" not in shown
    assert clean(shown, MOST) == shown


@given(HOSTILE)
def test_a_name_is_one_short_line(said: str) -> None:
    """It stands in front of a colon on cards and in groups."""
    name = clean_line(said)
    assert len(name) <= NAME
    assert len(name.splitlines()) <= 1
    assert clean_line(name) == name


@given(st.text(st.characters(categories=["Lo", "Ll", "Lu", "Nd", "Po"]), max_size=MOST))
def test_plain_words_are_not_touched(said: str) -> None:
    """Nobody's language is taken away."""
    letters = "".join(char for char in said if char not in "\u115f\u1160\u3164\uffa0")
    assert clean(letters, MOST) == letters
