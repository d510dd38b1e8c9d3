"""Whether a gridbridge answers at the configured port, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.cli.checks.places import ask, port_of
from bot.cli.report.masks import OTHER, Accounts, reason, value
from bot.config import Config

_NAMES = frozenset({"process", "dispatch", "refresh", "database", "schema", "inbox", "outbox", "disk"})
_WORDS = frozenset(
    {
        *("starting", "running", "stopping", "hangs", "fails"),
        *("connecting", "up", "failed", "stopped", "standby"),
        *("sqlite", "postgresql", "away", "current", "newer", "too_new"),
    }
)


def program(config: Config, accounts: Accounts) -> dict[str, Any]:
    if not port_of(config):
        return {"answers": None, "why": "no port"}
    found = {path: ask(config, path) for path in ("healthz", "readyz")}
    pages = {path: _page(body, accounts) for path, body in found.items() if body is not None}
    return {"answers": bool(pages), **pages}


def _page(body: Mapping[str, Any], accounts: Accounts) -> dict[str, Any]:
    checks = body["checks"] if isinstance(body["checks"], Mapping) else {}
    return {
        "ok": body["ok"] is True,
        "checks": {
            _name(name, accounts): _check(check) for name, check in checks.items() if isinstance(check, Mapping)
        },
    }


def _name(name: str, accounts: Accounts) -> str:
    return name if name in _NAMES else accounts.inside(name)


def _check(check: Mapping[str, Any]) -> dict[str, Any]:
    seen, detail = check.get("value"), check.get("detail")
    shown: dict[str, Any] = {"value": seen if seen in _WORDS else value(seen), "ok": check.get("ok") is True}
    if isinstance(detail, str) and (why := reason(detail)) != OTHER:
        shown["why"] = why
    return shown
