"""docs/alerts.yml can be used as it is: it speaks of metrics that are there, and says what to do."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.flow.counts import Handled, Heard, Outcomes, Tenure
from bot.flow.loops import Pulse
from bot.model import Priority
from bot.web.metrics import exposition
from bot.web.snapshot import Account, Disk, Emergencies, Seen, Snapshot
from storage.gauges import Backlog, Counts, Queues
from tests.integration.web.scraped import Scraped

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
RULES: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
NAMES = r"\b(?:gridbridge|process)_[a-z_]+"
FROM_PROMETHEUS = {"job", "instance", "le"}
"""Labels it adds itself, or that belong to its own kinds of metrics."""


@pytest.fixture(scope="module")
def shown() -> Scraped:
    """A /metrics of a process that does everything and has something to say of everything."""
    now, pulse = datetime(2026, 10, 9, tzinfo=UTC), Pulse()
    for loop in ("dispatch", "delivery:webchat:main", "tick:reminders"):
        pulse.begin(loop)
    posts = tuple(
        Backlog("webchat:main", rank, how, 1, now) for rank in Priority for how in ("due", "retrying", "held")
    )
    counts = Counts({}, 0, {}, (), {}, {"main": 1, "wal": 1})
    return Scraped(
        exposition(
            Snapshot(
                now=now,
                build={"version": "1", "python": "3", "database": "sqlite"},
                pulse=pulse,
                ready=True,
                warnings=0,
                disk=Disk(1, 2),
                database_up=True,
                accounts={"webchat:main": Account("up", Heard(), Outcomes(), Tenure())},
                handled=Handled(),
                reminded=Counter(),
                seen=Seen(Queues(0, None, posts), counts, Emergencies(0, 0)),
            )
        ).decode()
    )


def values(shown: Scraped, metric: str, label: str) -> set[str]:
    return {dict(labels)[label] for name, labels in shown.samples if name == metric and label in dict(labels)}


@pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])
def test_an_alert_can_fire_and_says_what_to_do(rule: dict[str, Any], shown: Scraped) -> None:
    """Every metric of its expression is shown, with the labels and the values that it asks for; its words are Chinese."""
    asked = re.findall(rf"({NAMES})(?:{{([^}}]*)}})?", rule["expr"])
    assert asked or rule["expr"].startswith("up{")
    for metric, conditions in asked:
        assert metric in shown.names(), metric
        for label, how, value in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', conditions):
            known = values(shown, metric, label)
            assert label in FROM_PROMETHEUS or known, f"{metric} has no label {label}"
            wanted = value.split("|") if how == "=~" else [value] if how == "=" and label not in FROM_PROMETHEUS else []
            assert set(wanted) <= known
    assert rule["labels"]["severity"] in {"critical", "warning"}
    for words in (rule["annotations"]["summary"], rule["annotations"]["action"]):
        assert re.search(r"[\u4e00-\u9fff]", words)


def test_alerts_have_names_of_their_own() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 20


def test_the_manual_lists_each_alert_with_its_urgency() -> None:
    """No more and no fewer."""
    listed = dict(re.findall(r"^\| (Gridbridge\w+) \|.*\| (马上|上班时) \|$", OPERATIONS, re.MULTILINE))
    urgency = {"critical": "马上", "warning": "上班时"}
    assert listed == {rule["alert"]: urgency[rule["labels"]["severity"]] for rule in RULES}


def test_the_manual_lists_each_metric(shown: Scraped) -> None:
    """Each family of ours stands in the table with its labels, and the table names none that is not there."""
    listed: dict[str, set[str]] = {}
    for line in OPERATIONS.splitlines():
        if line.startswith("| `gridbridge_"):
            names, labels, _ = (cell.strip() for cell in line.strip("|").split("|"))
            listed |= {name: set(filter(None, labels.split(", "))) for name in re.findall(NAMES, names)}
    assert listed == {name: set(labels) for name, labels in families(shown).items()}


def families(shown: Scraped) -> dict[str, set[str]]:
    """Our families by the name under which one asks for them, with their labels."""
    found: dict[str, set[str]] = {}
    for family in shown.families.values():
        for sample in family.samples:
            name = family.name if family.type == "histogram" else sample.name
            found.setdefault(name, set()).update(sample.labels.keys() - FROM_PROMETHEUS)
    return {name: labels for name, labels in found.items() if name.startswith("gridbridge_")}
