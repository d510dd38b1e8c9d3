"""What an archive says about itself, in its first file."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.errors import GridbridgeError

NAME: Final = "manifest.json"
DATABASE: Final = "gridbridge.db"
CONFIG: Final = "config.toml"
FORMAT: Final = 1
LARGEST: Final = 2**20  # bytes of a manifest
_NAMES: Final = re.compile(r"gridbridge\.db|config\.toml|history-[1-9][0-9]?\.db")
_SUM: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the archive. `account`: whose history it is; `revision`, `counts`: of a database."""

    name: str
    bytes: int
    sha256: str
    account: str = ""
    revision: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """`program`: the version that made it."""

    made_at: datetime
    program: str
    parts: tuple[Part, ...]

    @property
    def database(self) -> Part | None:
        return next((part for part in self.parts if part.name == DATABASE), None)

    @property
    def histories(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.account)

    @property
    def size(self) -> int:
        return sum(part.bytes for part in self.parts)

    def dump(self) -> bytes:
        body = {"format": FORMAT, "made_at": self.made_at.isoformat(), "program": self.program}
        parts = [dataclasses.asdict(part) for part in self.parts]
        return json.dumps({**body, "parts": parts}, ensure_ascii=False, indent=2).encode()


def load(raw: bytes) -> Manifest:
    """Raises GridbridgeError for a newer format, ValueError for what no program of ours has written."""
    body: Any = json.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("format"), int):
        raise ValueError("no manifest")  # noqa: TRY004 - what a file says is a value, not an argument's type
    if body["format"] > FORMAT:
        raise GridbridgeError("这份备份是更新版本的网格桥做的，请先升级网格桥")
    try:
        parts = tuple(_part(part) for part in body["parts"])
        made_at = datetime.fromisoformat(body["made_at"])
        return Manifest(made_at, str(body["program"]), parts)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no manifest") from error


def _part(body: Mapping[str, Any]) -> Part:
    """Nothing of it is ever used as a path; names that are not ours are refused all the same."""
    part = Part(**body)
    fits = (
        _NAMES.fullmatch(part.name) and _SUM.fullmatch(part.sha256) and isinstance(part.bytes, int) and part.bytes >= 0
    )
    if not fits or not isinstance(part.account, str) or bool(part.account) != part.name.startswith("history-"):
        raise ValueError("no manifest")
    return part
