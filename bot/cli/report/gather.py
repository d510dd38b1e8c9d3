"""The whole report, section by section; one that cannot be had says so and keeps none of the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.cli.checks.examine import examine
from bot.cli.checks.finding import Finding
from bot.cli.checks.places import nearest
from bot.cli.histories import histories
from bot.cli.opened import database_file
from bot.cli.report.masks import Accounts, moment
from bot.cli.report.program import program
from bot.cli.report.settings import place_of, settings
from bot.cli.report.state import state
from bot.cli.report.versions import versions
from bot.config import Config, load
from bot.errors import ConfigError
from classifiers.rules import RuleError, load_rules

Report = dict[str, Any]
"""Sections by name; whatever stands in it is a number, a moment or one of our own words."""


def gather(path: Path) -> Report:
    """`path`: the configuration."""
    report: Report = {"made_at": moment(datetime.now(UTC)), "versions": versions()}
    try:
        config = load(path)
    except ConfigError as error:
        return report | {"config": {"readable": False, "where": place_of(error), "there": path.exists()}}
    accounts = Accounts(config.channels)
    sections: dict[str, Callable[[], Any]] = {
        "config": lambda: {"readable": True, "changed": settings(config, path.resolve().parent, accounts)},
        "checks": lambda: [_finding(finding, accounts) for finding in examine(config)],
        "program": lambda: program(config, accounts),
        "database": lambda: state(config, accounts),
        "files": lambda: _files(config, accounts),
        "rules": lambda: _rules(config),
    }
    return report | {name: _section(make) for name, make in sections.items()}


def _section(make: Callable[[], Any]) -> Any:
    """Who needs this report is in trouble already: what nobody foresaw is one more thing to report."""
    try:
        return make()
    except Exception as error:  # noqa: BLE001 - the boundary of one section
        return {"failed": type(error).__name__}


def _finding(finding: Finding, accounts: Accounts) -> dict[str, str]:
    """What it is called and how grave it is: its text may hold names."""
    what, _, account = finding.name.partition(" ")
    return {"name": f"{what} {accounts.label(account)}" if account else what, "level": finding.level.value}


def _files(config: Config, accounts: Accounts) -> dict[str, int]:
    """Bytes, of those that are there."""
    database = database_file(config)
    files = {"database": database} if database else {}
    with suppress(ConfigError):  # the checks say so
        files |= {f"history {accounts.label(one.account)}": one.path for one in histories(config)}
    sizes = {"free_on_disk": shutil.disk_usage(nearest(config.data_dir)).free}
    for name, path in files.items():
        for suffix in ("", "-wal"):
            file = path.with_name(path.name + suffix)
            if file.is_file():
                sizes[name + suffix] = file.stat().st_size
    return sizes


def _rules(config: Config) -> dict[str, Any]:
    own = config.classifier.rules is not None
    try:
        rules = load_rules(config.classifier.rules)
    except RuleError:
        return {"own": own, "readable": False}
    return {
        "own": own,
        "readable": True,
        "categories": len(rules.categories),
        "word_rules": sum(1 for _ in rules.rules()),
        "words": len(rules.words()),
    }
