"""gridbridge demo as a process: what it prints, what it gives, how it ends."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from tests.browser.program import Program
from tests.integration.cli.command import run


def state_of(address: str) -> tuple[dict[str, Any], list[str]]:
    """What the page is told, and the cookies that come with it."""
    with urllib.request.urlopen(f"{address}demo/state", timeout=10) as answer:
        return json.load(answer), answer.headers.get_all("Set-Cookie") or []


def test_every_seat_is_given_and_each_lets_into_its_own_chat(tmp_path: Path) -> None:
    """One cookie a person, bound to the path of the seat; without it the chat is closed. A restart keeps the seats."""
    with Program(tmp_path, "demo", "--port", "0") as program:
        address = program.address()
        state, cookies = state_of(address)
        seats = {person["seat"] for person in state["people"]}
        paths = {SimpleCookie(cookie)["gb_seat"]["path"] for cookie in cookies}
        assert paths == {f"/chat/{seat}/" for seat in seats}
        assert len(paths) == len(state["people"]) > 10
        seat = state["people"][0]["seat"]
        value = next(SimpleCookie(one)["gb_seat"].value for one in cookies if f"Path=/chat/{seat}/" in one)
        with urllib.request.urlopen(
            urllib.request.Request(f"{address}chat/{seat}/", headers={"Cookie": f"gb_seat={value}"}), timeout=10
        ) as answer:
            assert answer.status == 200
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{address}chat/{seat}/", timeout=10)
        assert state["stored_chatter"] == state["cases"] == 0
        assert program.stop() == 0
    assert program.log == ""
    with Program(tmp_path, "demo", "--port", "0") as again:
        kept, _ = state_of(again.address())
    assert {person["seat"] for person in kept["people"]} == seats
    assert kept["heard"] >= state["heard"] > 0
    assert (tmp_path / "data" / "demo" / "gridbridge.db").is_file()


def test_another_sites_page_cannot_start_the_story(tmp_path: Path) -> None:
    with Program(tmp_path, "demo", "--port", "0") as program:
        address = program.address()
        request = urllib.request.Request(
            f"{address}demo/play", method="POST", headers={"Origin": "http://elsewhere.test"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=10)
        assert state_of(address)[0]["playing"] is False


def test_a_busy_port_is_one_sentence_and_takes_nothing_away(tmp_path: Path) -> None:
    """Also with --fresh: what is there stays."""
    kept = tmp_path / "data" / "demo" / "session.secret"
    kept.parent.mkdir(parents=True)
    kept.write_text("k" * 64, encoding="ascii")
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        ended = run(tmp_path, "demo", "--port", str(port), "--fresh")
    assert ended.status == 2
    assert ended.err.startswith(f"gridbridge：端口 {port} 用不了")
    assert len(ended.err.splitlines()) == 1
    assert kept.read_text(encoding="ascii") == "k" * 64
