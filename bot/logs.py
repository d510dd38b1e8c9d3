"""Structured logs on the standard library: what happened as `extra={"action": …}`, facts as further extras.

Personal numbers are masked in everything that is written. Texts of residents are never given to a logger; what a
database driver quotes of a failing row is cut out, because it would hold them.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TextIO

from bot.privacy import mask_personal

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# SQLAlchemy's echo prints parameters, the others tell of every start and tick; only their warnings matter.
_QUIET = ("aiohttp.access", "alembic", "apscheduler", "asyncio", "jieba", "PIL", "sqlalchemy")
_ROW_VALUES = re.compile(
    r"(\[parameters: ).*?(\](?=\n|$))"
    r"|(Failing row contains \().*?(\)\.?(?=\n|$))"
    r"|(invalid input for query argument \$\d+: ).*?(?=\n\[SQL|$)",
    re.DOTALL,
)
_SMALLEST_PHONE = 10**9
_formatter = logging.Formatter()


def setup(level: str = "info", form: str = "text", stream: TextIO | None = None) -> None:
    """Send every log of the process to `stream` (stderr). `form`: text for people, json for machines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(MaskFilter())
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class MaskFilter(logging.Filter):
    """Masks personal numbers in message, arguments, extras and exception before anything is formatted."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = clean(record.getMessage()), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        record.exc_text = clean(record.exc_text) if record.exc_text else None
        record.exc_info = None  # only the masked text is left to format
        record.stack_info = clean(record.stack_info) if record.stack_info else None
        for key, value in extras(record).items():
            setattr(record, key, masked(value))
        return True


def clean(text: str) -> str:
    """Free of personal numbers and of row values a database error quotes."""
    return mask_personal(_ROW_VALUES.sub(r"\1\3\5…\2\4", text))


def masked(value: Any) -> Any:
    """The same value with masked texts; a number that looks personal becomes a masked text."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):  # counts and row ids are shorter than a telephone number
        return value if abs(value) < _SMALLEST_PHONE else clean(str(value))
    if isinstance(value, Mapping):
        return {clean(str(key)): masked(item) for key, item in value.items()}
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str | bytes):
        return [masked(item) for item in value]
    return clean(str(value))


def extras(record: logging.LogRecord) -> dict[str, Any]:
    """What the caller gave as `extra`."""
    return {key: value for key, value in vars(record).items() if key not in _STANDARD}


def _when(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class TextFormatter(logging.Formatter):
    """One line a record: local time, level, logger, message, key=value; an exception indented below it."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%m-%d %H:%M:%S")
        facts = "".join(f" {key}={_word(value)}" for key, value in extras(record).items())
        line = f"{at} {record.levelname:<7} {record.name}: {_one_line(record.getMessage())}{facts}"
        below = "\n".join(filter(None, (record.exc_text, record.stack_info)))
        return f"{line}\n{textwrap.indent(below, '    ')}" if below else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line, time in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        body = {"time": _when(record), "level": record.levelname.lower(), "logger": record.name}
        body |= {"message": record.getMessage()} | extras(record)
        if record.exc_text:
            body["error"] = record.exc_text
        if record.stack_info:
            body["stack"] = record.stack_info
        return json.dumps(body, ensure_ascii=False, default=str)


def _one_line(text: str) -> str:
    """Without line breaks, which would let a text pretend to be further log lines."""
    return " ".join(text.splitlines())


def _word(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if text and not re.search(r'[\s="]', text) else json.dumps(text, ensure_ascii=False)
