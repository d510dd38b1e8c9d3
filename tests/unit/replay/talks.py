"""A small outcome to report about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cli.replay.conversation import Conversation, Part, Person, Said
from bot.cli.replay.outcome import GROUP, STAFF, FoundCase, NearMiss, Outcome, Told
from classifiers.verdict import Intent

START = datetime(2026, 11, 20, 1, tzinfo=UTC)  # Friday 09:00 in the city
LI, WANG = Person("1", "李<b>婶</b>"), Person("2", "网格员王芳", Part.WORKER)


def said(index: int, hours: float, who: Person, text: str) -> Said:
    return Said(index, START + timedelta(hours=hours), who, text)


TALK = Conversation(
    "t",
    "东关群",
    START,
    (
        said(0, 0, LI, "3号楼路灯坏了，电话13912345678"),
        said(1, 1, WANG, "收到"),
        said(2, 25, LI, "<script>alert(1)</script> 团购暖气片"),
        said(3, 49, LI, "早"),
    ),
)
CASE = FoundCase(
    number=1,
    category="facility.streetlight",
    category_name="路灯",
    urgency="urgent",
    sensitive=False,
    state="reported",
    sure=True,
    place="3号楼",
    reporter="李<b>婶</b>",
    supporters=("张三",),
    indexes=(0,),
    reported_at=START,
    text=TALK.said[0].text,
    matched="路灯、坏了",
)
OUTCOME = Outcome(
    conversation=TALK,
    cases=(CASE, replace(CASE, number=2, sure=False, category_name="噪音", reported_at=START + timedelta(hours=49))),
    told=(
        Told(START, STAFF, "reported", "新事件", card=True, case=1),
        Told(START + timedelta(hours=1), STAFF, "edit", "新事件", card=True, changed=True, case=1),
        Told(START + timedelta(hours=1), GROUP, "accepted", "李婶，路灯的事收到了", quote=0, case=1),
    ),
    ignored={Intent.ADVERT: 1, Intent.CHATTER: 1},
    staff_words=1,
    near=(NearMiss(2, Intent.ADVERT, ("暖气片",)),),
    dropped=2,
)
