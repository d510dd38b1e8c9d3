"""Who can see the figures under /metrics."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.cli.checks.finding import Finding, fail, ok, warn
from bot.cli.checks.places import port_of
from bot.config import Config, WebConfig
from bot.web.visitors import LOCAL, OFF, TOKEN, is_loopback

_NAME = "监控数据"
_ANSWER_SECONDS = 2.0
_WORDS = {LOCAL: "只给本机看", TOKEN: "要口令才能看", OFF: "不提供"}


def figures(config: Config, *, running: bool) -> Iterator[Finding]:
    """A program that is running already is asked by the address that people outside use."""
    settings = config.web
    if port_of(config) is None:
        return
    if running and _seen_from_outside(settings.public_url):
        text = f"外面的人打开 {settings.public_url}/metrics 就看得到"
        yield fail(_NAME, text, "请让反向代理带上 X-Forwarded-For，或不转发 /metrics")
    elif settings.metrics == TOKEN and _in_the_clear(settings):
        yield warn(_NAME, "口令会不加密地走网络", "请只在内网里抓取，或经 https 的反向代理抓取")
    else:
        yield ok(_NAME, _WORDS[settings.metrics])


def _in_the_clear(settings: WebConfig) -> bool:
    return not is_loopback(settings.host) and not settings.public_url.startswith("https:")


def _seen_from_outside(address: str) -> bool:
    """Only an address that leads over a proxy or the network says something; one of this machine is answered to us."""
    if not address or is_loopback(urlsplit(address).hostname or ""):
        return False
    try:
        with urllib.request.urlopen(f"{address}/metrics", timeout=_ANSWER_SECONDS) as answer:  # noqa: S310 - http(s)
            return b"gridbridge_" in answer.read(4096)
    except (OSError, ValueError, urllib.error.URLError):
        return False
