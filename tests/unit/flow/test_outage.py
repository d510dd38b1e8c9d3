"""One outage of a whole process: said once, over for all as soon as it is over for one."""

from __future__ import annotations

import pytest

from bot.flow.outage import Outage


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(vars(record)["action"], vars(record).get("why", "")) for record in caplog.records]


def test_each_reason_is_told_once_and_the_end_once(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage()
    for name, reason in (("a", "database locked"), ("b", "database locked"), ("a", "database disk full")) * 3:
        outage.found(name, reason)
    outage.over("a")
    assert outage.reasons == {"b": "database locked"}
    outage.over("b")
    outage.over("b")
    assert told(caplog) == [
        ("database_away", "database locked"), ("database_away", "database disk full"), ("database_back", "")
    ]  # fmt: skip
    assert vars(caplog.records[1])["remedy"] == "数据库所在的磁盘满了，请先腾出空间"


def test_who_comes_through_wakes_those_who_rest() -> None:
    """Only those who found it away, and nobody who has gone."""
    outage, woken = Outage(), list[str]()
    for name in ("a", "b", "c", "d"):
        outage.wakes(name, lambda name=name: woken.append(name))  # type: ignore[misc]
    for name in ("a", "b", "d"):
        outage.found(name, "database locked")
    outage.forget("d")
    outage.over("a")
    assert woken == ["b"]


def test_a_tick_that_finds_it_busy_is_no_outage(caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage()
    outage.found("tick:wipe", "database locked")
    outage.over("tick:wipe")
    assert (outage.reasons, told(caplog)) == ({}, [])


def test_who_has_gone_keeps_no_outage_alive(caplog: pytest.LogCaptureFixture) -> None:
    """Its account went to another process."""
    outage = Outage()
    outage.found("intake:x", "database locked")
    outage.forget("intake:x")
    assert [action for action, _ in told(caplog)] == ["database_away", "database_back"]
