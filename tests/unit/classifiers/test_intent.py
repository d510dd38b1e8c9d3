"""Intent before category: what names a lamp reports mostly nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifiers.keyword import Classifier
from classifiers.verdict import Intent, Tier

ROWS = [
    tuple(line.split("|"))
    for line in Path(__file__).with_name("smalltalk.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("intent", "text"), ROWS)
def test_small_talk_is_no_case_and_named(classifier: Classifier, intent: str, text: str) -> None:
    """Thanks, notices, adverts, forwards, sign-ups, answers and chatter stay silent and get their name."""
    verdict = classifier.classify(text)
    assert verdict.tier is Tier.NONE
    assert verdict.intent is Intent(intent)


def test_a_workers_notice_is_no_case_but_his_finding_is(classifier: Classifier) -> None:
    """The same lamp: announced as repaired, or found broken on patrol."""
    done = "巡查：3号楼路灯已修复，已恢复照明，特此告知大家"
    found = "巡查发现3号楼前路灯不亮，请尽快安排维修，先登记上报"
    assert classifier.classify(done, sender="worker").tier is Tier.NONE
    verdict = classifier.classify(found, sender="worker")
    assert (verdict.is_case, verdict.category) == (True, "facility.streetlight")


def test_a_worker_is_believed_less(classifier: Classifier) -> None:
    """What a resident reports is often a notice when staff write it."""
    text = "2号楼停电了"
    resident, worker = classifier.classify(text), classifier.classify(text, sender="worker")
    assert resident.is_case
    assert not worker.is_case
