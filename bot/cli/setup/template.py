"""config.example.toml with answers put in: the one template there is, with all its comments."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from bot.cli.setup.answers import Answers
from bot.errors import GridbridgeError

NAME = "config.example.toml"
WEBCHAT_SECRET, DATABASE_SECRET = "webchat.secret", "database.secret"
_SECTION = re.compile(r"\[(.+)\]\s*")
_KEY = re.compile(r"([a-z_]+) = .*")

Place = tuple[str, str]
"""Section ("" above the first one) and key."""


def template() -> str:
    """Beside the code in a checkout, in share/gridbridge of an installed package. Raises GridbridgeError."""
    beside = Path(__file__).parents[3]
    for path in (beside / NAME, *_installed(), beside / "share" / "gridbridge" / NAME):  # the last: pip --target
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise GridbridgeError(f"找不到配置的样例 {NAME}，请重新安装网格桥")


def _installed() -> list[Path]:
    try:
        return [Path(str(file.locate())) for file in files("gridbridge") or () if file.name == NAME]
    except PackageNotFoundError:
        return []


def lines_for(answers: Answers, *, url_in_file: bool) -> dict[Place, str]:
    """What stands in the file instead of the template's line."""
    url = f"url_file = {_text(DATABASE_SECRET)}" if url_in_file else f"url = {_text(answers.database)}"
    return {
        ("", "data_dir"): f"data_dir = {_text(answers.data)}",
        ("database", "url"): url,
        ("web", "host"): f"host = {_text(answers.host)}",
        ("web", "port"): f"port = {answers.port}",
        ("web", "public_url"): f"public_url = {_text(answers.public_url)}",
        ("city", "name"): f"name = {_text(answers.city)}",
        ("city", "timezone"): f"timezone = {_text(answers.timezone)}",
        ("city", "emergency_phones"): f"emergency_phones = [{', '.join(map(_text, answers.phones))}]",
        ("channels.webchat.main", "secret"): f"secret_file = {_text(WEBCHAT_SECRET)}",
    }


def filled(text: str, lines: Mapping[Place, str]) -> str:
    """The template with these lines; every one of them must have its place."""
    left, section, result = dict(lines), "", []
    for line in text.splitlines():
        if found := _SECTION.fullmatch(line):
            section = found[1]
        key = _KEY.fullmatch(line)
        result.append(left.pop((section, key[1]), line) if key else line)
    if left:
        raise GridbridgeError(f"配置的样例 {NAME} 里没有 {', '.join(key for _, key in left)}，请重新安装网格桥")
    return "\n".join([*result, ""])


def _text(value: str) -> str:
    """A TOML string: JSON writes what TOML reads, for everything that can be printed."""
    return json.dumps(value, ensure_ascii=False)
