"""Folders and the port: what the operating system has to give."""

from __future__ import annotations

import json
import socket
import stat
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any

from bot.cli.checks.finding import Finding, fail, ok, warn
from bot.config import Config
from bot.web.server import listen_complaint

_OWN_ANSWER_SECONDS = 2.0


def data_dir(config: Config) -> Finding:
    """The folder of the database and of photos: there, or to be made, and writable."""
    folder = config.data_dir
    there = nearest(folder)
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        return fail("数据目录", f"{folder} 不能写（{reason}）", "请改 data_dir，或给运行的用户写权限")
    return ok("数据目录", f"{folder} 可以写" if there == folder else f"{folder} 首次启动时建立")


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above that is there."""
    return next(place for place in (path, *path.parents) if place.exists())


def port_of(config: Config) -> int | None:
    """Where a process with this configuration listens; None: nowhere."""
    return config.port_of(config.only)


def running(config: Config) -> bool:
    """Whether a gridbridge answers there now."""
    return ask(config, "healthz") is not None


def ask(config: Config, page: str) -> dict[str, Any] | None:
    """What a gridbridge that listens there says on `healthz` or `readyz`; None if none does."""
    number, host = port_of(config), config.web.host
    own = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - compared, not bound
    if not number:
        return None
    try:
        with urllib.request.urlopen(f"http://{own}:{number}/{page}", timeout=_OWN_ANSWER_SECONDS) as answer:
            body = json.load(answer)
    except urllib.error.HTTPError as unwell:  # 503 with the same body
        body = _body(unwell)
    except (OSError, ValueError, HTTPException):
        return None
    return body if isinstance(body, dict) and set(body) == {"ok", "checks"} else None


def _body(answer: urllib.error.HTTPError) -> Any:
    with answer:
        try:
            return json.load(answer)
        except (OSError, ValueError, HTTPException):
            return None


def port(config: Config, *, ours: bool) -> Iterator[Finding]:
    """Free, or held by a gridbridge that is running already (`ours`); nothing to say where this process opens none."""
    number = port_of(config)
    if number is not None:
        yield _port(config.web.host, number, ours=ours)


def _port(host: str, number: int, *, ours: bool) -> Finding:
    if ours:
        return ok("网页端口", f"{host}:{number} 上已有网格桥在运行")
    try:
        found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.create_server(found[4][:2], family=found[0], reuse_port=False):
            return ok("网页端口", f"{host}:{number} 空着")
    except OSError as error:
        where, _, what = listen_complaint(error, host, number).partition("：")
        text, _, remedy = what.partition("，")
        return fail("网页端口", text, f"{remedy}（{where}）" if remedy else f"请检查 {where}")


def secret_files(config: Config) -> Iterator[Finding]:
    """Secrets that other users of the machine can read."""
    for account, table in config.channels.items():
        for key, value in table.items():
            path = Path(value) if key.endswith("_file") and isinstance(value, str) else None
            if path and path.is_file() and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
                yield warn("密钥文件", f"{account} 的 {path} 别人也能读", f"请执行 chmod 600 {path}")


def public_address(config: Config) -> Iterator[Finding]:
    """What people outside need to get in."""
    if "web" in config.only and config.channels and not config.web.public_url:
        text = f"没有写 [web] public_url，邀请链接会是 http://{config.web.host}:{config.web.port}"
        yield warn("对外网址", text, "要让别的设备打开，请写上大家访问用的网址")
