"""A clerk changes rule files while the program runs."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest

from bot.flow.rules import Rules
from classifiers.rules import RULES_FOLDER, RuleError

NOWHERE = frozenset[str]()
ODD = "今天玩孔明锁"  # no rule that comes with the program hears it
MORE = """
[evidence.learned]
anchors = ["孔明锁"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "rules"
    shutil.copytree(RULES_FOLDER, own)
    (own / "learned-openers.toml").unlink()
    return own


def rules_of(folder: Path) -> Rules:
    return Rules(folder, full_dictionary=False, max_text=4000, look_every=0)


async def test_a_changed_file_is_taken_up(folder: Path) -> None:
    """Without a restart; a folder in which nothing changed is not read again."""
    rules = rules_of(folder)
    assert await rules.load(NOWHERE)
    assert not rules.anchor(ODD)
    assert not await rules.load(NOWHERE)
    (folder / "ours.toml").write_text(MORE, encoding="utf-8")
    assert await rules.load(NOWHERE)
    assert rules.anchor(ODD)


async def test_a_wrong_file_changes_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The old rules stay in use, the log names file and line once, and the mended file is taken up."""
    rules = rules_of(folder)
    await rules.load(NOWHERE)
    ours = folder / "ours.toml"
    ours.write_text(MORE + "keywords.many = ['三']\n", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        assert not await rules.load(NOWHERE)
        assert not await rules.load(NOWHERE)
        assert not await rules.load(frozenset({"东关"}))
    refused = [record.getMessage() for record in caplog.records if "not taken up" in record.getMessage()]
    assert refused
    assert len(refused) <= 2
    assert "ours.toml" in refused[0]
    assert "第 4 行" in refused[0]
    assert rules.verdict("3号楼前的路灯又不亮了", staff=False).is_case
    ours.write_text(MORE, encoding="utf-8")
    assert await rules.load(frozenset({"东关"}))
    assert rules.anchor(ODD)


async def test_wrong_from_the_start_is_an_error(folder: Path) -> None:
    """There is nothing to fall back on."""
    (folder / "ours.toml").write_text("[evidence", encoding="utf-8")
    with pytest.raises(RuleError, match=r"ours\.toml.*第 1 行"):
        await rules_of(folder).load(NOWHERE)
