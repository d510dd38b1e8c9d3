"""What an operator reads of a database that is away: Chinese, with the remedy, whatever the database says."""

from __future__ import annotations

import re

import pytest

from bot.away import told, why
from storage import faults


@pytest.mark.parametrize("reason", sorted({*faults._SQLITE.values(), "file gone", "file replaced"}))
def test_every_reason_of_sqlite_has_words(reason: str) -> None:
    words = why(f"database {reason}")
    assert not re.search("[a-z]{3}", words), words
    assert ("请" in words) == (reason != "interrupted")


@pytest.mark.parametrize("state", [*faults._SQLSTATES, "53300", "57P03", "08006", "28P01", "3D000"])
def test_every_code_of_postgresql_has_words(state: str) -> None:
    """The rare ones are named: whoever reads the server's log finds them there."""
    words = why(f"database error {state}")
    assert "请" in words or "等它" in words
    assert "error" not in words


def test_the_longer_code_comes_first() -> None:
    assert "连接用完" in why("database error 53300")
    assert "资源不够" in why("database error 53200")


def test_what_is_no_database_is_told_as_it_is() -> None:
    assert told("ValueError") == "ValueError"
    assert told("database locked") == "数据库正忙，别的程序占着它，请稍后再试"
