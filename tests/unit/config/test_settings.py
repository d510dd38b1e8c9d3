"""bot.settings: tables are read strictly, and each refusal names the key and the remedy."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.settings import is_placeholder, read_table, setting
from bot.valid import between


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    depth: int = 1


@dataclass(frozen=True)
class Sample:
    name: str
    count: int = setting(3, check=between(1, 9))
    share: float = 0.5
    on: bool = False
    folder: Path | None = None
    words: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    colour: Colour = Colour.RED
    inner: Inner = field(default_factory=Inner)
    extra: Mapping[str, Any] = field(default_factory=dict)
    token: str = setting("", secret=True)


@dataclass(frozen=True)
class Guarded:
    token: str = setting(secret=True)


def refusal(table: Mapping[str, Any], cls: type = Sample) -> str:
    with pytest.raises(ConfigError) as caught:
        read_table(cls, table, "sample")
    return str(caught.value)


def test_a_full_table_becomes_the_dataclass(tmp_path: Path) -> None:
    """Every supported type is converted, and a relative path starts at the base folder."""
    table = {
        "name": "甲",
        "count": 4,
        "share": 2,
        "on": True,
        "folder": "rules",
        "words": ["a", "b"],
        "days": [date(2026, 10, 1)],
        "colour": "blue",
        "inner": {"depth": 7},
        "extra": {"x": {"y": 1}},
        "token": "k" * 20,
    }
    read = read_table(Sample, table, "sample", base=tmp_path)
    assert read == Sample(
        "甲",
        4,
        2.0,
        on=True,
        folder=tmp_path / "rules",
        words=("a", "b"),
        days=(date(2026, 10, 1),),
        colour=Colour.BLUE,
        inner=Inner(7),
        extra={"x": {"y": 1}},
        token="k" * 20,
    )
    assert isinstance(read.share, float)


def test_what_is_left_out_keeps_its_default() -> None:
    assert read_table(Sample, {"name": "甲"}, "sample") == Sample("甲")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"name": "甲", "coutn": 1}, "[sample] coutn：没有这个设置项，是不是想写 count"),
        ({"name": "甲", "qqqqqq": 1}, "可以写的有："),
        ({}, "[sample] name：缺少这一项"),
        ({"name": 1}, "[sample] name：应为加引号的文字"),
        ({"name": "甲", "count": "4"}, "[sample] count：应为整数"),
        ({"name": "甲", "count": True}, "[sample] count：应为整数"),
        ({"name": "甲", "count": 10}, "[sample] count：应在 1 到 9 之间，现在是 10"),
        ({"name": "甲", "share": "x"}, "[sample] share：应为数字"),
        ({"name": "甲", "on": 1}, "[sample] on：应为true 或 false"),
        ({"name": "甲", "folder": ""}, "[sample] folder：应为加引号的路径"),
        ({"name": "甲", "words": "a"}, "[sample] words：应是方括号里的一列"),
        ({"name": "甲", "words": [1]}, "[sample] words：应为加引号的文字"),
        ({"name": "甲", "days": ["2026-10-01"]}, "[sample] days：应为不加引号的日期"),
        ({"name": "甲", "colour": "rd"}, "[sample] colour：不能是 'rd'，是不是想写 red"),
        ({"name": "甲", "inner": 3}, "[sample] inner：应是一节"),
        ({"name": "甲", "inner": {"dept": 3}}, "[sample] inner] dept：没有这个设置项，是不是想写 depth"),
    ],
)
def test_every_mistake_names_key_and_remedy(table: dict[str, Any], expected: str) -> None:
    assert expected in refusal(table)


@pytest.mark.parametrize(
    "value", ["", "change-me", "CHANGE_ME", "changeme", "Change Me!", "xxx", "<your-token>", "change-me-please"]
)
def test_a_placeholder_is_no_secret(value: str) -> None:
    """What an example file leaves to be replaced is refused, however it is written."""
    assert is_placeholder(value)
    assert "占位" in refusal({"token": value}, Guarded)


@given(st.binary(min_size=8, max_size=32))
def test_random_secrets_are_never_taken_for_placeholders(raw: bytes) -> None:
    assert not is_placeholder(raw.hex())


def test_a_secret_comes_from_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line break an editor leaves at the end of the file is not part of the secret."""
    (tmp_path / "token").write_text("abc123def\n", encoding="utf-8")
    monkeypatch.setenv("SAMPLE_TOKEN", "from-env-77")
    assert read_table(Guarded, {"token_file": "token"}, "g", base=tmp_path).token == "abc123def"
    assert read_table(Guarded, {"token": "env:SAMPLE_TOKEN"}, "g").token == "from-env-77"
    assert read_table(Guarded, {"token": "literal-55"}, "g").token == "literal-55"


def test_a_secret_that_cannot_be_had_says_how_to_give_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SAMPLE_TOKEN", raising=False)
    assert "文件不存在" in refusal({"token_file": str(tmp_path / "none")}, Guarded)
    assert "环境变量 SAMPLE_TOKEN 没有设置" in refusal({"token": "env:SAMPLE_TOKEN"}, Guarded)
    assert "token_file" in refusal({}, Guarded)
    assert "只能写一个" in refusal({"token": "a-1-b", "token_file": "x"}, Guarded)


def test_an_empty_secret_file_and_a_placeholder_in_the_environment_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("\n", encoding="utf-8")
    monkeypatch.setenv("SAMPLE_TOKEN", "CHANGE_ME")
    assert "占位" in refusal({"token_file": str(tmp_path / "token")}, Guarded)
    assert "占位" in refusal({"token": "env:SAMPLE_TOKEN"}, Guarded)


def test_a_secret_is_not_shown() -> None:
    """Neither the dataclass nor a refusal repeats it."""
    assert "s3cr3t" not in repr(Guarded("s3cr3t"))
    assert "s3cr3t" not in refusal({"token": "s3cr3t", "tokn": 1}, Guarded)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_between_is_a_closed_range(value: float) -> None:
    complaint = between(-1, 1)(value)
    assert (complaint is None) == (math.fabs(value) <= 1)
