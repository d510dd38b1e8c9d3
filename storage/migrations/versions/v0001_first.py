"""The first schema: directory, cases, inbox and outbox, logs, leases, blobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
UTC = sa.DateTime(timezone=True)
META = sa.table("meta", sa.column("key"), sa.column("value"))
FROZEN = "an event of a case is never changed"
FREEZE = {
    "sqlite": (
        f"CREATE TRIGGER case_event_no_update BEFORE UPDATE ON case_event BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
        f"CREATE TRIGGER case_event_no_delete BEFORE DELETE ON case_event BEGIN SELECT RAISE(ABORT, '{FROZEN}'); END",
    ),
    "postgresql": (
        f"""CREATE FUNCTION case_event_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '{FROZEN}' USING ERRCODE = 'restrict_violation'; END $$""",
        """CREATE TRIGGER case_event_no_change BEFORE UPDATE OR DELETE ON case_event
        FOR EACH ROW EXECUTE FUNCTION case_event_frozen()""",
        """CREATE TRIGGER case_event_no_truncate BEFORE TRUNCATE ON case_event
        FOR EACH STATEMENT EXECUTE FUNCTION case_event_frozen()""",
    ),
}


def upgrade() -> None:
    create_tables()
    for statement in FREEZE[op.get_bind().dialect.name]:
        op.execute(statement)
    op.bulk_insert(META, [{"key": "oldest_code", "value": revision}, {"key": "directory", "value": "0"}])


def create_tables() -> None:  # noqa: PLR0915 - a list, not logic
    op.create_table(
        "area",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["area.id"], name=op.f("fk_area_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("code", name=op.f("uq_area_code")),
    )
    op.create_index(op.f("ix_area_parent_id"), "area", ["parent_id"], unique=False)
    op.create_table(
        "blob",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_blob")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.String(length=32), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "area_alias",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("stands_for", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_area_alias_area_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_alias")),
        sa.UniqueConstraint("area_id", "alias", name=op.f("uq_area_alias_area_id_alias")),
    )
    op.create_table(
        "chat",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), server_default="shadow", nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("reachable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("muted_until", UTC, nullable=True),
        sa.Column("created_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_chat_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
    )
    op.create_index(op.f("ix_chat_person_id"), "chat", ["person_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("substitute_id", ID, nullable=True),
        sa.Column("area_id", ID, nullable=True),
        sa.Column("starts_at", UTC, nullable=False),
        sa.Column("ends_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_duty_area_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_person_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["person.id"], name=op.f("fk_duty_substitute_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index(op.f("ix_duty_area_id"), "duty", ["area_id"], unique=False)
    op.create_index(op.f("ix_duty_person_id"), "duty", ["person_id"], unique=False)
    op.create_table(
        "identity",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("native_id", sa.String(length=128), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_identity_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("channel", "native_id", name=op.f("uq_identity_channel_native_id")),
    )
    op.create_index(op.f("ix_identity_person_id"), "identity", ["person_id"], unique=False)
    op.create_table(
        "chat_address",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("native_id", sa.String(length=128), nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_chat_address_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_address")),
        sa.UniqueConstraint("account", "native_id", name=op.f("uq_chat_address_account_native_id")),
    )
    op.create_index(op.f("ix_chat_address_chat_id"), "chat_address", ["chat_id"], unique=False)
    op.create_table(
        "chat_area",
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_chat_area_area_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_chat_area_chat_id")),
        sa.PrimaryKeyConstraint("chat_id", "area_id", name=op.f("pk_chat_area")),
    )
    op.create_index(op.f("ix_chat_area_area_id"), "chat_area", ["area_id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("event_key", sa.String(length=200), nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("group_key", sa.String(length=128), nullable=True),
        sa.Column("sent_at", UTC, nullable=False),
        sa.Column("received_at", UTC, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("locked_until", UTC, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_inbox_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("account", "event_key", name=op.f("uq_inbox_account_event_key")),
    )
    op.create_index(
        "ix_inbox_due",
        "inbox",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='pending'"),
        postgresql_where=sa.text("state='pending'"),
    )
    op.create_index(
        "ix_inbox_lane",
        "inbox",
        ["chat_id", "id"],
        unique=False,
        sqlite_where=sa.text("state='pending'"),
        postgresql_where=sa.text("state='pending'"),
    )
    op.create_table(
        "menu",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=True),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("shown_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_menu_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_menu_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_menu")),
    )
    op.create_index("ix_menu_chat_id_person_id", "menu", ["chat_id", "person_id", "id"], unique=False)
    op.create_index(op.f("ix_menu_outbox_id"), "menu", ["outbox_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("area_id", ID, nullable=True),
        sa.Column("chat_id", ID, nullable=True),
        sa.Column("is_default", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_unit_area_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_unit_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
    )
    op.create_index(op.f("ix_unit_area_id"), "unit", ["area_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("suspended_from", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("sensitive", sa.String(length=16), nullable=False),
        sa.Column("area_id", ID, nullable=True),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("matched", sa.Text(), server_default="", nullable=False),
        sa.Column("photos", sa.Text(), nullable=False),
        sa.Column("result_text", sa.Text(), server_default="", nullable=False),
        sa.Column("result_photos", sa.Text(), nullable=False),
        sa.Column("reporter_id", ID, nullable=True),
        sa.Column("reporter_name", sa.Text(), server_default="", nullable=False),
        sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("filed_by_id", ID, nullable=True),
        sa.Column("quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("worker_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("merged_into", ID, nullable=True),
        sa.Column("transfers", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("returns", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("closings", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("supervised", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("repeat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("extended_days", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reported_at", UTC, nullable=False),
        sa.Column("accepted_at", UTC, nullable=True),
        sa.Column("dispatched_at", UTC, nullable=True),
        sa.Column("resolved_at", UTC, nullable=True),
        sa.Column("closed_at", UTC, nullable=True),
        sa.Column("updated_at", UTC, nullable=False),
        sa.Column("clock", sa.String(length=16), nullable=True),
        sa.Column("clock_started_at", UTC, nullable=True),
        sa.Column("due_at", UTC, nullable=True),
        sa.Column("yellow_at", UTC, nullable=True),
        sa.Column("paused_at", UTC, nullable=True),
        sa.Column("resume_at", UTC, nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_tick_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_cases_area_id")),
        sa.ForeignKeyConstraint(["filed_by_id"], ["person.id"], name=op.f("fk_cases_filed_by_id")),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name=op.f("fk_cases_merged_into")),
        sa.ForeignKeyConstraint(["reporter_id"], ["person.id"], name=op.f("fk_cases_reporter_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_cases_unit_id")),
        sa.ForeignKeyConstraint(["worker_id"], ["person.id"], name=op.f("fk_cases_worker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index(op.f("ix_cases_area_id"), "cases", ["area_id"], unique=False)
    op.create_index("ix_cases_area_state", "cases", ["area_id", "state"], unique=False)
    op.create_index(op.f("ix_cases_merged_into"), "cases", ["merged_into"], unique=False)
    op.create_index(
        "ix_cases_next_tick_at",
        "cases",
        ["next_tick_at"],
        unique=False,
        sqlite_where=sa.text("next_tick_at IS NOT NULL"),
        postgresql_where=sa.text("next_tick_at IS NOT NULL"),
    )
    op.create_index(op.f("ix_cases_reporter_id"), "cases", ["reporter_id"], unique=False)
    op.create_index(op.f("ix_cases_state"), "cases", ["state"], unique=False)
    op.create_index(op.f("ix_cases_unit_id"), "cases", ["unit_id"], unique=False)
    op.create_index(op.f("ix_cases_worker_id"), "cases", ["worker_id"], unique=False)
    op.create_table(
        "role",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("area_id", ID, nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_role_area_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_role_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint(
            "person_id", "role", "area_id", "unit_id", name=op.f("uq_role_person_id_role_area_id_unit_id")
        ),
    )
    op.create_index(op.f("ix_role_area_id"), "role", ["area_id"], unique=False)
    op.create_index(op.f("ix_role_person_id"), "role", ["person_id"], unique=False)
    op.create_index(op.f("ix_role_unit_id"), "role", ["unit_id"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.Column("recorded_at", UTC, nullable=False),
        sa.Column("action", sa.String(length=24), nullable=False),
        sa.Column("actor_id", ID, nullable=True),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_case_event_actor_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_event_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
        sa.UniqueConstraint("case_id", "version", name=op.f("uq_case_event_case_id_version")),
    )
    op.create_index(op.f("ix_case_event_actor_id"), "case_event", ["actor_id"], unique=False)
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "case_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("message_id", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("closing", sa.SmallInteger(), nullable=True),
        sa.Column("said_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_link_case_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_case_link_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_case_link_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("chat_id", "message_id", "case_id", name=op.f("uq_case_link_chat_id_message_id_case_id")),
    )
    op.create_index(op.f("ix_case_link_case_id"), "case_link", ["case_id"], unique=False)
    op.create_index("ix_case_link_chat_id_said_at", "case_link", ["chat_id", "said_at"], unique=False)
    op.create_index(op.f("ix_case_link_person_id"), "case_link", ["person_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("lane", sa.String(length=80), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("chat_id", ID, nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("event_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("dedupe", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unknowns", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UTC, nullable=False),
        sa.Column("due_at", UTC, nullable=False),
        sa.Column("expires_at", UTC, nullable=True),
        sa.Column("locked_until", UTC, nullable=True),
        sa.Column("native_id", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_at", UTC, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_outbox_case_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_outbox_chat_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_outbox_dedupe")),
    )
    op.create_index(op.f("ix_outbox_case_id"), "outbox", ["case_id"], unique=False)
    op.create_index("ix_outbox_chat_id_done_at", "outbox", ["chat_id", "done_at"], unique=False)
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["account", "priority", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state='pending'"),
        postgresql_where=sa.text("state='pending'"),
    )
    op.create_index(op.f("ix_outbox_event_id"), "outbox", ["event_id"], unique=False)
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["lane", "id"],
        unique=False,
        sqlite_where=sa.text("state='pending'"),
        postgresql_where=sa.text("state='pending'"),
    )
    op.create_table(
        "question",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UTC, nullable=False),
        sa.Column("until", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_question_case_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_question_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_question_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("chat_id", "person_id", name=op.f("uq_question_chat_id_person_id")),
    )
    op.create_index(op.f("ix_question_case_id"), "question", ["case_id"], unique=False)
    op.create_table(
        "rating",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("closing", sa.SmallInteger(), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_rating_case_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_rating_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating")),
        sa.UniqueConstraint("case_id", "closing", "person_id", name=op.f("uq_rating_case_id_closing_person_id")),
    )
    op.create_table(
        "reminder_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_reminder_log_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_log")),
        sa.UniqueConstraint("case_id", "kind", "slot", name=op.f("uq_reminder_log_case_id_kind_slot")),
    )
    op.create_table(
        "supporter",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("chat_id", ID, nullable=True),
        sa.Column("at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supporter_case_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_supporter_chat_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_supporter_person_id")),
        sa.PrimaryKeyConstraint("case_id", "person_id", name=op.f("pk_supporter")),
    )
