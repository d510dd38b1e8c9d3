"""Cases, their history, and what the bot remembers of the talk about them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.schema.base import Id, metadata
from storage.types import Json, Utc

_TICKING: dict[str, Any] = {
    "sqlite_where": text("next_tick_at IS NOT NULL"),
    "postgresql_where": text("next_tick_at IS NOT NULL"),
}


case = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),  # people read it as №128
    Column("version", Integer, nullable=False),  # compare-and-set: two workers never both win
    Column("state", String(16), nullable=False, index=True),  # bot.cases.lifecycle.State
    Column("suspended_from", String(16)),  # the state to resume to
    Column("source", String(16), nullable=False),  # group | patrol | proxy | visit | phone | 12345 | system
    Column("category", String(40), nullable=False),
    Column("urgency", String(16), nullable=False),
    Column("sensitive", String(16), nullable=False),  # classifiers.verdict.Sensitivity
    Column("area_id", Id, ForeignKey("area.id"), index=True),  # None: staff are asked, 「归我」
    Column("place", Text, nullable=False, server_default=""),
    Column("lat", Float),
    Column("lon", Float),
    Column("text", Text, nullable=False, server_default=""),  # what was said, pieces joined by line breaks
    Column("matched", Text, nullable=False, server_default=""),  # the words that decided, for the card
    Column("photos", Json, nullable=False),  # blob hashes, before
    Column("result_text", Text, nullable=False, server_default=""),
    Column("result_photos", Json, nullable=False),  # blob hashes, after
    Column("reporter_id", Id, ForeignKey("person.id"), index=True),
    Column("reporter_name", Text, nullable=False, server_default=""),  # as shown in the chat, or 王大娘 of a 代报
    Column("anonymous", Boolean, nullable=False, server_default=text("false")),
    Column("filed_by_id", Id, ForeignKey("person.id")),  # who wrote it in, where that is not the reporter
    Column("quiet", Boolean, nullable=False, server_default=text("false")),  # the worker leaves the group post out
    Column("worker_id", Id, ForeignKey("person.id"), index=True),  # who accepted it
    Column("unit_id", Id, ForeignKey("unit.id"), index=True),
    Column("merged_into", Id, ForeignKey("cases.id"), index=True),
    Column("transfers", SmallInteger, nullable=False, server_default="0"),
    Column("returns", SmallInteger, nullable=False, server_default="0"),
    Column("closings", SmallInteger, nullable=False, server_default="0"),  # how often it was closed
    Column("supervised", SmallInteger, nullable=False, server_default="0"),  # levels of 督办
    Column("repeat", Boolean, nullable=False, server_default=text("false")),  # 「没好」 again within 30 days
    Column("extended_days", SmallInteger, nullable=False, server_default="0"),
    Column("reported_at", Utc, nullable=False),
    Column("accepted_at", Utc),
    Column("dispatched_at", Utc),
    Column("resolved_at", Utc),
    Column("closed_at", Utc),
    Column("updated_at", Utc, nullable=False),
    # the running clock (bot.cases.clocks)
    Column("clock", String(16)),  # accept | resolve | verify | None: none runs
    Column("clock_started_at", Utc),
    Column("due_at", Utc),
    Column("yellow_at", Utc),
    Column("paused_at", Utc),  # stands still: suspended, or the reporter owes an answer
    Column("resume_at", Utc),  # a suspension resumes by itself
    Column("generation", Integer, nullable=False, server_default="0"),  # of the deadline; part of a reminder's slot
    Column("reminders", Integer, nullable=False, server_default="0"),  # slots already passed in this generation
    Column("next_tick_at", Utc),  # when a tick must look again
    Index("ix_cases_next_tick_at", "next_tick_at", **_TICKING),
    Index("ix_cases_area_state", "area_id", "state"),
)
case_event = Table(
    "case_event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),  # the case's version after it
    Column("at", Utc, nullable=False),
    Column("recorded_at", Utc, nullable=False),  # later than `at`: 补录
    Column("action", String(24), nullable=False),  # bot.cases.lifecycle.Action
    Column("actor_id", Id, ForeignKey("person.id"), index=True),  # None: the clock, the system
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("data", Json, nullable=False),  # reason, text, and `before`: the changed columns' old values, for 「撤」
    UniqueConstraint("case_id", "version"),  # two acts on one version cannot both be written
)
case_link = Table(
    "case_link",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False),
    Column("message_id", String(128), nullable=False),
    Column("role", String(16), nullable=False),  # report | piece | support | card | ack | result | reminder | answer
    Column("person_id", Id, ForeignKey("person.id"), index=True),  # whose message it is
    Column("closing", SmallInteger),  # of a result
    Column("said_at", Utc, nullable=False),  # the platform's time
    UniqueConstraint("chat_id", "message_id", "case_id"),
    Index("ix_case_link_chat_id_said_at", "chat_id", "said_at"),
)
supporter = Table(
    "supporter",
    metadata,
    Column("case_id", Id, ForeignKey("cases.id"), primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True),  # +1 twice counts once
    Column("name", Text, nullable=False, server_default=""),
    Column("chat_id", Id, ForeignKey("chat.id")),
    Column("at", Utc, nullable=False),
)
rating = Table(
    "rating",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False),
    Column("closing", SmallInteger, nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("grade", SmallInteger, nullable=False),  # 1 = the best of the configured grades
    Column("at", Utc, nullable=False),
    UniqueConstraint("case_id", "closing", "person_id"),  # one grade per closing and person
)
menu = Table(  # the last list shown to a person: 「1 好了」 answers it by position
    "menu",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("message_id", String(128)),  # set when delivered; a quote of it binds
    Column("outbox_id", Id, index=True),
    Column("items", Json, nullable=False),  # case ids in the order shown
    Column("shown_at", Utc, nullable=False),
    Index("ix_menu_chat_id_person_id", "chat_id", "person_id", "id"),
)
question = Table(  # what the bot waits for
    "question",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False),
    Column("case_id", Id, ForeignKey("cases.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # place | result | photo | reason | grade | contact
    Column("asked_at", Utc, nullable=False),
    Column("until", Utc, nullable=False),
    UniqueConstraint("chat_id", "person_id"),  # one open question a person and chat: an answer is never ambiguous
)
