"""Rule 8: a text without an anchor can be no case, and the search finds exactly the anchors."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.anchors import AnchorSearch
from classifiers.keyword import Classifier
from classifiers.normalize import normalize
from classifiers.rules import load_rules
from classifiers.verdict import Tier

CLASSIFIER = Classifier.load()
ANCHORS = sorted(CLASSIFIER.anchors())
WORDS = sorted({word for rule in load_rules().rules() for word in rule.words()})
HAN = st.text(st.sampled_from("的了一是不我有这他人水电灯路楼坏停没谁家垃圾着火"), max_size=12)
MIXED = st.lists(st.one_of(st.text(max_size=8), HAN, st.sampled_from(WORDS)), max_size=8).map("".join)


@settings(max_examples=400, deadline=None)
@given(MIXED)
def test_no_anchor_no_case(text: str) -> None:
    """Whatever words of the rules a text is spliced from: without an anchor the verdict is `none`."""
    if not CLASSIFIER.has_anchor(text):
        assert CLASSIFIER.classify(text).tier is Tier.NONE


@settings(max_examples=400, deadline=None)
@given(MIXED)
def test_the_search_finds_what_a_plain_search_finds(text: str) -> None:
    """`has_anchor` is true exactly when some anchor is a substring of the normalised text."""
    plain = normalize(text)
    assert CLASSIFIER.has_anchor(text) == any(anchor in plain for anchor in ANCHORS)


@settings(max_examples=200, deadline=None)
@given(HAN, st.sampled_from(ANCHORS), HAN)
def test_an_anchor_is_found_wherever_it_stands(before: str, anchor: str, after: str) -> None:
    """Every anchor opens the gate in any surroundings that leave it intact."""
    if anchor in normalize(before + anchor + after):
        assert CLASSIFIER.has_anchor(before + anchor + after)


@given(st.lists(st.text("ab水电", min_size=2, max_size=4), max_size=12), st.text("ab水电", max_size=12))
def test_any_word_list_is_found_like_a_plain_search(words: list[str], text: str) -> None:
    """The index is right for every list: words that begin like others, contain others, none at all."""
    assert AnchorSearch(words)(text) == any(word in text for word in words)


@settings(max_examples=100, deadline=None)
@given(MIXED)
def test_the_same_text_gives_the_same_verdict(text: str) -> None:
    """Pure and deterministic, and `category` and `urgency` are None exactly for no case."""
    verdict = CLASSIFIER.classify(text)
    assert verdict == CLASSIFIER.classify(text)
    assert (verdict.category is None) == (verdict.urgency is None) == (not verdict.is_case)
    assert 0.0 <= verdict.confidence <= 1.0
