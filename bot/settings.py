"""Reading a TOML table strictly into a frozen dataclass: no key is guessed or ignored, no placeholder survives."""

from __future__ import annotations

import dataclasses
import difflib
import os
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from bot.errors import ConfigError

T = TypeVar("T")
Complaint = Callable[[Any], str | None]
"""A check of one value: None, or what is wrong and what to write instead."""

PLACEHOLDERS = frozenset({"", "changeme", "xxx", "xxxx", "secret", "password", "todo", "yoursecret", "yourtoken"})
_WORDS: Mapping[type, tuple[str, str]] = {
    bool: ("true 或 false", "true"),
    int: ("整数", "8"),
    float: ("数字", "1.5"),
    str: ("加引号的文字", '"文字"'),
    Path: ("加引号的路径", '"data"'),
    date: ("不加引号的日期", "2026-10-01"),
}


def setting(default: Any = dataclasses.MISSING, *, check: Complaint | None = None, secret: bool = False) -> Any:
    """A dataclass field with a check of its value. A secret may be given as `<name>_file` or "env:NAME" too."""
    return dataclasses.field(default=default, repr=not secret, metadata={"check": check, "secret": secret})


def read_table(cls: type[T], table: Mapping[str, Any], where: str, *, base: Path = Path()) -> T:
    """Build `cls` from `table`; `where` is the table's name for messages, `base` the folder of relative paths.

    Raises ConfigError: unknown key, missing key, wrong type, refused value, placeholder left as a secret.
    """
    fields = {field.name: field for field in dataclasses.fields(typing.cast("Any", cls))}
    _refuse_unknown(table, fields, where)
    kinds = typing.get_type_hints(cls)
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if field.metadata.get("secret"):
            _put_secret(values, table, field, where, base)
        elif name in table:
            values[name] = _convert(kinds[name], table[name], spot(where, name), base)
        elif _required(field):
            raise ConfigError(f"{spot(where, name)}：缺少这一项，请补上")
        _check(field, values, where)
    return cls(**values)


def spot(where: str, key: str) -> str:
    """How a message names a key: `[web] port`."""
    return f"[{where}] {key}" if where else key


def did_you_mean(wrong: str, known: typing.Iterable[str]) -> str:
    """The remedy for a misspelled name: the nearest known one, else all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.6)
    return f"是不是想写 {near[0]}" if near else f"可以写的有：{'、'.join(names)}"


def _refuse_unknown(table: Mapping[str, Any], fields: Mapping[str, dataclasses.Field[Any]], where: str) -> None:
    known = set(fields) | {f"{name}_file" for name, field in fields.items() if field.metadata.get("secret")}
    for key in table:
        if key not in known:
            raise ConfigError(f"{spot(where, key)}：没有这个设置项，{did_you_mean(key, known)}")


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _check(field: dataclasses.Field[Any], values: Mapping[str, Any], where: str) -> None:
    check: Complaint | None = field.metadata.get("check")
    complaint = check(values[field.name]) if check and field.name in values else None
    if complaint:
        raise ConfigError(f"{spot(where, field.name)}：{complaint}")


def _put_secret(
    values: dict[str, Any], table: Mapping[str, Any], field: dataclasses.Field[Any], where: str, base: Path
) -> None:
    name, from_file = field.name, f"{field.name}_file"
    if name in table and from_file in table:
        raise ConfigError(f"{spot(where, name)}：{name} 和 {from_file} 只能写一个")
    if from_file in table:
        path = _convert(Path, table[from_file], spot(where, from_file), base)
        values[name] = _real_secret(_secret_of_file(path, spot(where, from_file)), spot(where, from_file))
    elif name in table:
        text = _convert(str, table[name], spot(where, name), base)
        values[name] = _real_secret(_secret_of_env(text, spot(where, name)), spot(where, name))
    elif _required(field):
        raise ConfigError(f'{spot(where, name)}：缺少密钥，请写 {from_file} = "文件路径" 或 {name} = "env:环境变量名"')


def _secret_of_file(path: Path, place: str) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{place}：读不了密钥文件 {path}（{reason_of(error)}），请检查路径和权限") from error


def _secret_of_env(text: str, place: str) -> str:
    if not text.startswith("env:"):
        return text
    name = text.removeprefix("env:").strip()
    if name not in os.environ:
        raise ConfigError(f"{place}：环境变量 {name} 没有设置，请先 export {name}=…，或改用 *_file 指向密钥文件")
    return os.environ[name].strip()


def is_placeholder(value: str) -> bool:
    """Empty, or one of the words an example file leaves to be replaced, however written."""
    plain = "".join(letter for letter in value.lower() if letter.isalnum())
    return plain in PLACEHOLDERS or plain.startswith("changeme")


def _real_secret(value: str, place: str) -> str:
    if is_placeholder(value):
        raise ConfigError(f"{place}：还是空的或占位的密钥，请换成自己的，例如用 openssl rand -hex 32 生成一个")
    return value


def reason_of(error: Exception) -> str:
    """Why a file could not be read, in Chinese where it is a common reason."""
    match error:
        case FileNotFoundError():
            return "文件不存在"
        case IsADirectoryError():
            return "这是一个文件夹"
        case PermissionError():
            return "没有权限"
        case UnicodeDecodeError():
            return "不是 UTF-8 编码"
        case OSError(strerror=str(reason)):
            return reason
    return str(error)


def _convert(kind: Any, value: Any, place: str, base: Path) -> Any:
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if kind is Any:
        return value
    if origin in {types.UnionType, typing.Union}:  # only `X | None` is used: TOML has no null, so the value is an X
        return _convert(next(arg for arg in args if arg is not type(None)), value, place, base)
    if origin is tuple:
        return tuple(_convert(args[0], item, place, base) for item in _list(value, place))
    if origin is Mapping:
        return {key: _convert(args[1], item, f"{place}.{key}", base) for key, item in _table(value, place).items()}
    if dataclasses.is_dataclass(kind):
        return read_table(typing.cast("type[Any]", kind), _table(value, place), place, base=base)
    if issubclass(kind, StrEnum):
        return _choice(kind, value, place)
    return _plain(kind, value, place, base)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise ConfigError(f"{place}：应是方括号里的一列，例如 [ … ]，现在是 {value!r}")
    return value


def _table(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{place}：应是一节，写成 [{place}] 再在下面写各项，现在是 {value!r}")
    return value


def _choice(kind: type[StrEnum], value: Any, place: str) -> StrEnum:
    if value not in {member.value for member in kind}:
        raise ConfigError(f"{place}：不能是 {value!r}，{did_you_mean(str(value), [member.value for member in kind])}")
    return kind(value)


def _plain(kind: type, value: Any, place: str, base: Path) -> Any:
    if kind is Path and isinstance(value, str) and value:
        return base / Path(value).expanduser()
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:  # exactly: True is no int, a datetime no date
        word, example = _WORDS[kind]
        raise ConfigError(f"{place}：应为{word}，例如 {example}，现在是 {value!r}")
    return value
