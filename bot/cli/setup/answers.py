"""What init has to know: each question with its reason, its default and the check that the configuration makes too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bot.config import CityConfig, DatabaseConfig, WebConfig
from bot.errors import ConfigError
from bot.settings import read_table

LEVELS = {"city": "市", "town": "镇街"}
DATABASE = "sqlite:///{data_dir}/gridbridge.db"
_LONGEST_NAME = 40
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_BETWEEN = re.compile(r"[,，、;；]")

Raw = Mapping[str, str]
"""Answers as they were typed, by the question's name."""


@dataclass(frozen=True, slots=True)
class Question:
    """`name` is the flag's too, `hint` what its help says besides the text, `why` what is said before it is asked.

    `default` may depend on what was answered before; None: it has to be answered. Without `why` it is a flag only.
    """

    name: str
    text: str
    hint: str
    check: Callable[[str], str | None]
    default: Callable[[Raw], str | None] = lambda _: None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """All of them, checked and in their types."""

    city: str
    level: str
    code: str
    timezone: str
    public_url: str
    host: str
    port: int
    database: str
    phones: tuple[str, ...]
    admin: str
    admin_id: str
    data: str


def answers_of(raw: Raw) -> Answers:
    """`raw` has an answer to every question, each of them checked."""
    typed: dict[str, Any] = {**raw, "port": int(raw["port"]), "phones": listed(raw["phones"])}
    return Answers(**typed)


def listed(text: str) -> tuple[str, ...]:
    """Several answers in one, with whatever comma."""
    return tuple(word for part in _BETWEEN.split(text) if (word := part.strip()))


def _name(text: str) -> str | None:
    if not text.strip() or len(text) > _LONGEST_NAME or not text.isprintable():
        return f"请写 1 到 {_LONGEST_NAME} 个字"
    return None


def _code(text: str) -> str | None:
    return None if _CODE.fullmatch(text) else "只能用字母、数字和 _ . -，1 到 60 个"


def _level(text: str) -> str | None:
    return None if text in LEVELS else "请写 " + " 或 ".join(f"{key}（{word}）" for key, word in LEVELS.items())


def _printable(text: str) -> str | None:
    return None if text.isprintable() else "里面有看不见的字符，请重新写"


def _setting(cls: type[Any], where: str, key: str, convert: Callable[[str], Any] = str) -> Callable[[str], str | None]:
    """What the configuration says to this value."""

    def check(text: str) -> str | None:
        try:
            read_table(cls, {key: convert(text)}, where)
        except ConfigError as error:
            return str(error).partition("：")[2]
        return _printable(text)

    return check


def _port(text: str) -> str | None:
    if text == "0":
        return "请写一个固定的端口，例如 8080，邀请链接里要用"
    return _setting(WebConfig, "web", "port", _number)(text)


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() else text


def _default_level(raw: Raw) -> str:
    return "city" if raw["city"].endswith(("市", "区", "县")) else "town"


def _direct(raw: Raw) -> bool:
    """Without a proxy that speaks https in front, people come to the program itself."""
    return urlsplit(raw["public_url"]).scheme == "http"


def _default_host(raw: Raw) -> str:
    return "0.0.0.0" if _direct(raw) else "127.0.0.1"  # noqa: S104 - who gives an http address wants to be reached


def _default_port(raw: Raw) -> str:
    own = urlsplit(raw["public_url"]).port if _direct(raw) else None
    return str(own or 8080)


QUESTIONS = (
    Question(
        "city", "城市或镇街的名字", "一定要写", _name,
        why="出现在页面和问候里，也是最上面一级区域的名字，例如 青云镇。",
    ),
    Question(
        "level", "这是市还是镇街", "city 市，town 镇街；默认看名字", _level, _default_level,
        why="city 是市，town 是镇街；村社区和网格以后加在它下面。",
    ),
    Question("code", "最上面一级区域的代码", "默认 city 或 town", _code, lambda raw: raw["level"]),
    Question(
        "timezone", "时区", "默认 Asia/Shanghai",
        _setting(CityConfig, "city", "timezone"), lambda _: "Asia/Shanghai",
        why="办理时限和夜里不打扰都照它算。",
    ),
    Question(
        "public_url", "大家打开网页用的网址", "默认不写",
        _setting(WebConfig, "web", "public_url"), lambda _: "",
        why="邀请链接用它，例如 https://wangge.example.org；还没有就直接回车，以后再改。",
    ),
    Question(
        "host", "网页服务监听哪里", "默认 127.0.0.1；网址是 http:// 开头时默认 0.0.0.0",
        _setting(WebConfig, "web", "host"), _default_host,
        why="127.0.0.1 只有本机和反向代理进得来；0.0.0.0 别的设备直接进得来。",
    ),
    Question(
        "port", "网页服务的端口", "默认 8080", _port, _default_port,
        why="一般不用改；被别的程序占着就换一个。",
    ),
    Question(
        "database", "数据库", "默认自带的 SQLite；或 postgresql://…、env:环境变量名",
        _setting(DatabaseConfig, "database", "url"), lambda _: DATABASE,
        why="一个县用自带的 SQLite，直接回车；一个市写 postgresql://用户:密码@主机/库名，或 env:环境变量名。",
    ),
    Question(
        "phones", "值班电话", "几个用逗号隔开，默认没有", _printable, lambda _: "",
        why="紧急的事没有人接时告诉工作人员，例如 镇值班室 0538-…；几个用逗号隔开，没有就直接回车。",
    ),
    Question(
        "admin", "管理员的名字", "默认 管理员", _name, lambda _: "管理员",
        why="由他管设置、区域、人员和群；建好后给他一个邀请链接。",
    ),
    Question("admin_id", "管理员在网页群聊里的编号", "默认 admin", _code, lambda _: "admin"),
    Question("data", "数据放在哪个文件夹", "默认 data", _printable, lambda _: "data"),
)  # fmt: skip
