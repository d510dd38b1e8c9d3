"""A configuration without its secrets, as TOML. Comments go as well: an old secret may stand in one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, Final
from urllib.parse import urlsplit

TAKEN_OUT: Final = "change-me"  # a start refuses it until somebody has put the secret back
_SECRET: Final = re.compile(r"secret|token|password|passwd|(^|_)key$|credential|private", re.IGNORECASE)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def without_secrets(text: str) -> str:
    """The same settings; where they are kept (a file, a variable) stays, what they are does not."""
    return "\n".join(_table(_cleaned(tomllib.loads(text)), ())) + "\n"


def is_secret(key: str) -> bool:
    """By its name."""
    return _SECRET.search(key) is not None and not key.endswith("_file")


def _cleaned(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _value(key, value) for key, value in table.items()}


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return _cleaned(value)
    if isinstance(value, list):
        return [_value(key, item) for item in value]
    if not isinstance(value, str) or value.startswith("env:"):
        return value
    return TAKEN_OUT if is_secret(key) else _address(value)


def _address(text: str) -> str:
    """An address keeps its user and loses the password."""
    try:
        password = urlsplit(text).password if "://" in text else None
    except ValueError:
        return TAKEN_OUT if "@" in text else text
    return text.replace(f":{password}@", f":{TAKEN_OUT}@", 1) if password else text


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping)}
    if path and (len(inner) < len(table) or not table):
        yield f"[{'.'.join(map(_key, path))}]"
    for key, value in table.items():
        if key not in inner:
            yield f"{_key(key)} = {_written(value)}"
    for key, value in inner.items():
        yield from _table(value, (*path, key))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _text(key)


def _written(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return _text(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_written, value))}]"
        case Mapping():
            return f"{{ {', '.join(f'{_key(key)} = {_written(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
