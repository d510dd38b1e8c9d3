"""The grammar against arbitrary text, spellings and strangers' button data."""

from __future__ import annotations

from typing import Literal, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.commands import MAX_BYTES, Press, Quoted, Verb, button_data, parse, parse_button
from bot.talk.verbs import CASE_WORDS, PLAIN_WORDS, SOFT_WORDS

roles = st.sampled_from(["resident", "worker"])
quotes = st.sampled_from(get_args(Quoted))
words = st.sampled_from(
    [*CASE_WORDS, *SOFT_WORDS, *PLAIN_WORDS, "上报", "代", "请假", "并", "到", "№", "#", "号", "3天", "128"]
)
noise = st.text(st.characters(codec="utf-8"), max_size=12)
texts = st.lists(st.one_of(words, noise, st.sampled_from([" ", "，", "\n", "１２８", "👍"])), max_size=8).map("".join)


@given(texts, roles, quotes, st.booleans())
def test_parse_never_raises(text: str, role: Literal["resident", "worker"], quoted: Quoted, private: bool) -> None:
    """Whatever is typed, the answer is a command or None, and every number in it could be a case."""
    command = parse(text, role=role, quoted=quoted, private=private)
    if command is not None:
        assert all(0 < number < 10**7 for number in (*command.numbers, *command.positions))


@given(
    st.sampled_from([word for word, verb in CASE_WORDS.items() if verb is not Verb.CORRECT]),
    st.integers(100, 9_999_999),
    st.sampled_from(
        [
            "{v} {n}",
            "{v}{n}",
            "{v}　{n}",
            "{v} №{n}",
            "{v}#{n}",
            "{v} {n}号",
            "{n}{v}",
            "№{n} {v}",
            "＃{n} {v}",
            "{n}号 {v}",
        ]
    ),
    st.booleans(),
)
def test_all_ways_to_write_a_number_mean_the_same(word: str, number: int, form: str, wide: bool) -> None:
    """Width, spaces, №, #, 号 and the order of verb and number do not change the command."""
    digits = str(number).translate({ord("0") + d: ord("０") + d for d in range(10)}) if wide else str(number)
    written = parse(form.format(v=word, n=digits), role="worker", quoted="none", private=False)
    assert written == parse(f"{word} {number}", role="worker", quoted="none", private=False)
    assert written is None or written.numbers == (number,)


CHATTER = [
    "今天",
    "明天",
    "谁家",
    "孩子",
    "吃饭",
    "买菜",
    "谢谢",
    "早上好",
    "哈哈",
    "快递",
    "在吗",
    "下雨",
    "几点",
    "接龙",
    "报名",
    "参加",
    "拼车",
    "好吃",
    "天气",
    "跳舞",
    "1",
    "2",
    "3.",
    "+1",
    "。",
    "？",
]


@given(st.lists(st.sampled_from(CHATTER), min_size=1, max_size=10), st.sampled_from(["", " ", "，"]))
def test_small_talk_of_residents_is_no_command(said: list[str], glue: str) -> None:
    """Nothing a resident says in the group without a verb of the grammar is taken for a command."""
    assert parse(glue.join(said), role="resident", quoted="none", private=False) is None


@given(
    st.sampled_from(list(Verb)),
    st.integers(1, 10**12 - 1),
    st.integers(0, 10**9 - 1),
    st.from_regex(r"([^\s:][a-z0-9_.]{0,23})?", fullmatch=True),
)
def test_a_button_reads_back_what_was_written(action: Verb, case_id: int, version: int, arg: str) -> None:
    try:
        data = button_data(action, case_id, version, arg)
    except ValueError:
        assert len(f"{action}:{case_id}:{version}:{arg}".encode()) > MAX_BYTES or not arg.isascii()
        return
    assert len(data.encode()) <= MAX_BYTES
    assert parse_button(data) == Press(action, case_id, version, arg)


@given(st.text(max_size=90))
def test_strangers_button_data_is_read_or_refused(data: str) -> None:
    """Never an error, and only data that this program could have written is accepted."""
    press = parse_button(data)
    if press is not None:
        assert parse_button(button_data(press.action, press.case_id, press.version, press.arg)) == press


@pytest.mark.parametrize(
    "data",
    [
        "",
        "accept",
        "accept:x:1",
        "accept:1",
        "explode:1:1",
        "accept:1:1:",
        "accept:1:1\n",
        "accept:-1:1",
        "accept:１:1",
    ],
)
def test_malformed_button_data_is_refused(data: str) -> None:
    assert parse_button(data) is None


def test_button_data_longer_than_a_platform_takes_is_an_error() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        button_data(Verb.ACCEPT, 1, 1, "x" * 60)
