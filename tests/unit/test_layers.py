"""The layers of the architecture hold, and the rules that say so can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit import layers

ROOT = Path(__file__).parents[2]

CLEAN = {
    "bot/__init__.py": "",
    "bot/__main__.py": "from bot import app\n",
    "bot/app.py": "import storage.engine\nfrom bot.channels import registry\n",
    "bot/model.py": "from dataclasses import dataclass\n",
    "bot/ports.py": "from aiohttp import web\nfrom bot.model import Post\n",
    "bot/channels/registry.py": "from bot.ports import Channel\nfrom bot.flow import gate\n",
    "bot/flow/gate.py": "import asyncio\nfrom storage import engine\nfrom bot.talk.cards import card\n",
    "bot/talk/cards.py": "from datetime import datetime, time\nfrom bot.cases import clocks\nfrom bot.ports import Channel\n",
    "bot/cases/clocks.py": "from datetime import datetime\n\ndef due(now: datetime):\n    return now.time()\n",
    "bot/cases/desk.py": "import sqlalchemy\nfrom . import clocks\nfrom storage import engine\n",
    "classifiers/rules.py": "import tomllib\n",
    "storage/engine.py": "import sqlalchemy\n",
}


def plant(root: Path, files: dict[str, str]) -> layers.Tree:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return layers.read_tree(root)


@pytest.fixture(scope="module")
def program() -> layers.Tree:
    return layers.read_tree(ROOT)


@pytest.mark.parametrize("rule", layers.RULES)
def test_the_program_keeps_the_rule(rule: layers.Rule, program: layers.Tree) -> None:
    """Each rule of the architecture holds for every module of bot, classifiers and storage."""
    faults = rule(program)
    assert not faults, "\n" + "\n".join(faults)


def test_the_program_was_read(program: layers.Tree) -> None:
    """The tree is not empty, so the rules above speak of something."""
    assert {"bot.model", "bot.ports", "classifiers.verdict", "storage.schema"} <= program.keys()
    assert any(found.target == "bot.model" for found in program["bot.ports"].imports)


def test_every_pure_file_exists(program: layers.Tree) -> None:
    """No pattern of a pure file is out of date: a renamed file cannot slip out of the rules."""
    assert layers.unused_pure_patterns(program) == []


@pytest.mark.parametrize("rule", layers.RULES)
def test_a_clean_tree_passes(rule: layers.Rule, tmp_path: Path) -> None:
    """What the architecture allows is not called a fault."""
    assert rule(plant(tmp_path, CLEAN)) == []


LONG_FUNCTION = "def act():\n" + "    step()\n" * layers.MAX_FUNCTION_LINES

VIOLATIONS = [
    (layers.check_packages, {"storage/engine.py": "from bot import model\n"}, "storage.engine:1 imports bot.model"),
    (layers.check_packages, {"storage/engine.py": "import classifiers.rules\n"}, "imports classifiers.rules"),
    (layers.check_packages, {"classifiers/rules.py": "from storage import engine\n"}, "imports storage.engine"),
    (layers.check_packages, {"classifiers/rules.py": "def f():\n    import bot\n"}, "classifiers.rules:2 imports bot"),
    (layers.check_layers, {"bot/flow/gate.py": "from bot import app\n"}, "bot.flow.gate:1 imports bot.app"),
    (layers.check_layers, {"bot/flow/gate.py": "from ..channels import registry\n"}, "imports bot.channels.registry"),
    (layers.check_layers, {"bot/talk/cards.py": "from bot.flow import gate\n"}, "a higher layer"),
    (layers.check_layers, {"bot/model.py": "from bot.cases import clocks\n"}, "a higher layer"),
    (layers.check_layers, {"bot/cases/desk.py": "from bot.talk import cards\n"}, "cases do not know how people talk"),
    (layers.check_layers, {"bot/helpers.py": "from bot import model\n"}, "bot.helpers belongs to no layer"),
    (
        layers.check_layers,
        {"bot/model.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bot.flow import gate\n"},
        "bot.model:3 imports bot.flow.gate",
    ),
    (layers.check_platforms, {"bot/channels/registry.py": "import storage.engine\n"}, "a platform has no database"),
    (layers.check_platforms, {"bot/connectors/sheet.py": "import sqlalchemy as sa\n"}, "imports sqlalchemy"),
    (layers.check_purity, {"bot/talk/cards.py": "import asyncio\n"}, "imports asyncio"),
    (layers.check_purity, {"bot/flow/retry.py": "import time\n"}, "bot.flow.retry:1 imports time"),
    (layers.check_purity, {"bot/flow/manners.py": "from aiohttp import web\n"}, "imports aiohttp"),
    (layers.check_purity, {"bot/flow/limits.py": "import socket\n"}, "imports socket"),
    (layers.check_purity, {"bot/cases/lifecycle.py": "from storage import engine\n"}, "imports storage.engine"),
    (layers.check_purity, {"bot/cases/visibility.py": "from sqlalchemy import text\n"}, "imports sqlalchemy"),
    (layers.check_purity, {"bot/cases/duplicates.py": "import asyncio\n"}, "imports asyncio"),
    (
        layers.check_purity,
        {"bot/talk/cards.py": "from bot.cases.desk import act\n"},
        "bot.talk.cards -> bot.cases.desk must stay pure",
    ),
    (
        layers.check_purity,
        {"bot/talk/cards.py": "from bot import logs\n", "bot/logs.py": "import time\n"},
        "bot.logs:1 imports time, but bot.talk.cards -> bot.logs must stay pure",
    ),
    (
        layers.check_clocks,
        {"bot/cases/clocks.py": "from datetime import datetime, UTC\nSTART = datetime.now(UTC)\n"},
        "bot.cases.clocks:2 calls datetime.now()",
    ),
    (layers.check_clocks, {"bot/talk/cards.py": "import time\n\nAT = time.time()\n"}, "calls time.time()"),
    (
        layers.check_clocks,
        {"bot/talk/cards.py": "import datetime as d\nDAY = d.date.today()\n"},
        "calls d.date.today()",
    ),
    (
        layers.check_cycles,
        {
            "bot/flow/a.py": "from bot.flow import b\n",
            "bot/flow/b.py": "try:\n    from bot.flow.a import x\nfinally:\n    pass\n",
        },
        "imports itself in a circle",
    ),
    (
        layers.check_sizes,
        {"bot/flow/long.py": "x = 1\n" * (layers.MAX_FILE_LINES + 1)},
        "bot.flow.long:1 has 321 lines",
    ),
    (layers.check_sizes, {"bot/flow/long.py": LONG_FUNCTION}, "bot.flow.long:1 act has 61 lines"),
]


@pytest.mark.parametrize(("rule", "files", "fault"), VIOLATIONS)
def test_a_fault_is_found(rule: layers.Rule, files: dict[str, str], fault: str, tmp_path: Path) -> None:
    """Each rule fails on a tree that breaks it, and says where."""
    faults = rule(plant(tmp_path, CLEAN | files))
    assert any(fault in sentence for sentence in faults), faults


def test_every_rule_has_a_fault_to_find() -> None:
    """No rule was added without the proof that it can fail."""
    assert {rule for rule, _, _ in VIOLATIONS} == set(layers.RULES)


@pytest.mark.parametrize(
    "late",
    [
        "def f():\n    from bot.flow import a\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from bot.flow import a\n",
    ],
)
def test_a_late_import_is_no_circle(late: str, tmp_path: Path) -> None:
    """An import inside a function or for types only does not run while its module is being imported."""
    tree = plant(tmp_path, {"bot/flow/a.py": "from bot.flow import b\n", "bot/flow/b.py": late})
    assert layers.check_cycles(tree) == []


def test_a_migration_may_be_long(tmp_path: Path) -> None:
    """A migration creates all tables in one function and is exempt from the sizes, by name."""
    tree = plant(tmp_path, {"storage/migrations/versions/0001_start.py": LONG_FUNCTION})
    assert layers.check_sizes(tree) == []
