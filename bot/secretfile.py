"""Secrets in files of their own, readable for their owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def keep_secret(path: Path, secret: str) -> None:
    """Write a new file that nobody else can read. Raises FileExistsError rather than change what is there."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(f"{secret}\n")


def new_secret() -> str:
    return secrets.token_hex(32)
