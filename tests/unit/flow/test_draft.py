"""Draft -> JSON of the outbox -> Draft."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bot.flow.draft import Draft, Item
from bot.model import Button

WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.integers(1, 10**9)
ITEMS = st.builds(
    Item,
    case=NUMBERS,
    generation=NUMBERS,
    n=st.integers(0, 99),
    kind=WORDS,
    audience=WORDS,
    data=st.dictionaries(WORDS, WORDS | st.integers(0, 9), max_size=2),
)
DRAFTS = st.builds(
    Draft,
    view=st.sampled_from(["text", "card", "reminder", "list"]),
    text=WORDS,
    quote=st.none() | st.just("5"),
    edits=st.none() | st.just("6"),
    photos=st.lists(WORDS, max_size=2).map(tuple),
    buttons=st.lists(st.builds(Button, WORDS, WORDS, st.sampled_from(["", "primary"])), max_size=2).map(tuple),
    items=st.lists(ITEMS, max_size=2).map(tuple),
    more=st.integers(0, 99),
    menu=st.lists(NUMBERS, max_size=3).map(tuple),
    menu_for=st.none() | NUMBERS,
    link=st.sampled_from(["", "card", "result"]),
    closing=st.none() | NUMBERS,
)


@given(DRAFTS)
def test_a_draft_survives_the_outbox(draft: Draft) -> None:
    """Every field, and what it does not say is not written."""
    body = draft.dump()
    assert Draft.load(json.loads(json.dumps(body))) == draft
    assert all(body.values())
