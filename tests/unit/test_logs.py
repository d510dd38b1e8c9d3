"""bot.logs: facts are kept, personal numbers and row values are not, one record is one line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot import logs

PHONE, IDENTITY = "13812345678", "370982199001011234"


@pytest.fixture
def written() -> Iterator[Callable[[str], io.StringIO]]:
    """Sets up logging in a given form and gives the stream; the root logger is put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    quiet = {name: logging.getLogger(name).level for name in logs._QUIET}

    def start(form: str) -> io.StringIO:
        stream = io.StringIO()
        logs.setup("info", form, stream)
        return stream

    yield start
    root.handlers[:] = before
    root.setLevel(level)
    for name, old in quiet.items():
        logging.getLogger(name).setLevel(old)


def one_object(stream: io.StringIO) -> dict[str, Any]:
    [line] = stream.getvalue().splitlines()
    body: dict[str, Any] = json.loads(line)
    return body


def test_json_carries_action_and_facts(written: Callable[[str], io.StringIO]) -> None:
    stream = written("json")
    logging.getLogger("bot.flow").info("claimed %d rows", 3, extra={"action": "claimed", "rows": 3, "lane": None})
    body = one_object(stream)
    assert body["time"].endswith("+00:00")
    assert {key: body[key] for key in ("level", "logger", "message", "action", "rows", "lane")} == {
        "level": "info",
        "logger": "bot.flow",
        "message": "claimed 3 rows",
        "action": "claimed",
        "rows": 3,
        "lane": None,
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_personal_numbers_are_masked_everywhere(written: Callable[[str], io.StringIO], form: str) -> None:
    """In the message, its arguments, extras however deep, the exception and the stack."""
    stream = written(form)
    facts = {"phone": int(PHONE), "deep": {"list": [PHONE, {"id": IDENTITY}]}, PHONE: "key"}
    try:
        raise ValueError(f"bad {IDENTITY}")
    except ValueError:
        logging.getLogger("bot").exception("caller %s", PHONE, extra=facts, stack_info=True)
    text = stream.getvalue()
    assert PHONE not in text.replace(f"{PHONE}=", "").replace(f'"{PHONE}":', "")
    assert IDENTITY not in text
    assert "138****78" in text
    assert "ValueError" in text


def test_row_values_in_a_database_error_are_cut_out(written: Callable[[str], io.StringIO]) -> None:
    """A driver quotes the row that failed; that may be what somebody wrote."""
    stream = written("text")
    error = (
        "(sqlite3.IntegrityError) NOT NULL failed\n[SQL: INSERT INTO inbox (body) VALUES (?)]\n"
        "[parameters: ('三号楼[的]事\\n别说出去', 1)]\n(Background on this error)\n"
        "DETAIL:  Failing row contains (7, 三号楼的事, null)."
    )
    logging.getLogger("bot").error("failed: %s", error)
    text = stream.getvalue()
    assert "三号楼" not in text
    assert "NOT NULL failed" in text
    assert "Background on this error" in text


def test_an_argument_that_a_driver_quotes_is_cut_out(written: Callable[[str], io.StringIO]) -> None:
    """asyncpg quotes what it could not encode, before the statement."""
    stream = written("text")
    error = (
        "(sqlalchemy.dialects.postgresql.asyncpg.Error) invalid input for query argument $2: '三号楼\n的事' "
        "('utf-8' codec can't encode)\n[SQL: INSERT INTO inbox (body) VALUES ($1)]"
    )
    logging.getLogger("bot").error("failed: %s", error)
    text = stream.getvalue()
    assert "三号楼" not in text
    assert "query argument $2" in text
    assert "INSERT INTO inbox" in text


def test_a_message_cannot_pretend_to_be_another_line(written: Callable[[str], io.StringIO]) -> None:
    stream = written("text")
    logging.getLogger("bot").info("a\n01-01 00:00:00 ERROR bot: b", extra={"action": 'x\ny="z"'})
    assert len(stream.getvalue().splitlines()) == 1


def test_an_exception_is_indented_below_its_line(written: Callable[[str], io.StringIO]) -> None:
    stream = written("text")
    try:
        int("gone")
    except ValueError:
        logging.getLogger("bot").exception("no such thing", extra={"action": "lookup_failed"})
    first, *below = stream.getvalue().splitlines()
    assert first.endswith("bot: no such thing action=lookup_failed")
    assert below
    assert all(line.startswith("    ") for line in below)


def test_libraries_are_heard_only_when_something_is_wrong(written: Callable[[str], io.StringIO]) -> None:
    """SQLAlchemy's echo would print parameters, aiohttp's access log the invitations in paths."""
    stream = written("text")
    for name in ("sqlalchemy.engine", "aiohttp.access", "apscheduler.executors"):
        logging.getLogger(name).info("chatter")
        logging.getLogger(name).warning("trouble")
    assert "chatter" not in stream.getvalue()
    assert stream.getvalue().count("trouble") == 3


def test_setup_twice_writes_each_record_once(written: Callable[[str], io.StringIO]) -> None:
    written("text")
    stream = written("text")
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1
