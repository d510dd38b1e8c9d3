"""Who may see how the program is doing: accounts, reasons, figures. Everybody else hears only "well" or "not well"."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from aiohttp import web

LOCAL, TOKEN, OFF = "local", "token", "off"
"""Answered to this machine alone, to whoever has the token, to nobody."""
_FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@dataclass(frozen=True, slots=True)
class Visitors:
    """`access`: LOCAL, TOKEN or OFF, which takes the figures away; a look at the machine itself then still says why."""

    access: str = LOCAL
    token: str = field(default="", repr=False)

    def trusts(self, request: web.Request) -> bool:
        return self._bears_token(request) if self.access == TOKEN else _is_here(request)

    def _bears_token(self, request: web.Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode("utf-8", "surrogateescape"), self.token.encode())
        return same and bool(self.token) and scheme.lower() == "bearer"


def _is_here(request: web.Request) -> bool:
    """From this machine and meant for it. A proxy speaks for others, and says so or keeps the name they asked for."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    return is_loopback(request.remote or "") and is_loopback(request.url.host or "")


def is_loopback(name: str) -> bool:
    """An address or name that leads to this machine itself."""
    if name == "localhost":
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None  # how "::" shows who came by IPv4
    return (mapped or address).is_loopback
