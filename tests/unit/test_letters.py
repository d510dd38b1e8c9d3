"""What a dead letter is, in the operator's language."""

from __future__ import annotations

import re

import pytest

from bot.cases.notices import Kind
from bot.cli.letters.kinds import kind_word
from bot.model import InboundKind

SAID_BESIDES = ("answer", "reminder", "list", "emergency", "storm", "intro", "paste", "edit:4711")


@pytest.mark.parametrize("kind", [*Kind, *InboundKind, *SAID_BESIDES])
def test_every_kind_has_a_word(kind: str) -> None:
    assert re.fullmatch(r"[\u4e00-\u9fff]+", kind_word(kind))
