"""Places, chats, people and their duty."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, String, Table, Text, UniqueConstraint, text

from storage.schema.base import Id, metadata
from storage.types import Utc

area = Table(
    "area",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("level", String(16), nullable=False),  # city | town | village | grid
    Column("parent_id", Id, ForeignKey("area.id"), index=True),
)
area_alias = Table(
    "area_alias",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area_id", Id, ForeignKey("area.id"), nullable=False),
    Column("alias", Text, nullable=False),
    Column("stands_for", Text, nullable=False, server_default=""),  # 老油坊 = 东三街南头
    UniqueConstraint("area_id", "alias"),
)
chat = Table(
    "chat",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # bot.model.ChatKind
    Column("mode", String(16), nullable=False, server_default="shadow"),
    Column("title", Text, nullable=False, server_default=""),
    Column("person_id", Id, ForeignKey("person.id"), index=True),  # the owner of a private chat
    Column("reachable", Boolean, nullable=False, server_default=text("true")),  # false: the bot was removed
    Column("muted_until", Utc),
    Column("created_at", Utc, nullable=False),
)
chat_address = Table(
    "chat_address",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account", String(64), nullable=False),
    Column("native_id", String(128), nullable=False),
    Column("chat_id", Id, ForeignKey("chat.id"), nullable=False, index=True),
    Column("current", Boolean, nullable=False, server_default=text("true")),  # false: moved away (group -> supergroup)
    UniqueConstraint("account", "native_id"),  # one group is never two lanes
)
chat_area = Table(
    "chat_area",
    metadata,
    Column("chat_id", Id, ForeignKey("chat.id"), primary_key=True),
    Column("area_id", Id, ForeignKey("area.id"), primary_key=True, index=True),
)
unit = Table(
    "unit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("area_id", Id, ForeignKey("area.id"), index=True),
    Column("chat_id", Id, ForeignKey("chat.id")),
    Column("is_default", Boolean, nullable=False, server_default=text("false")),  # 村两委
)
person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", String(32), nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Utc, nullable=False),
)
identity = Table(
    "identity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(32), nullable=False),
    Column("native_id", String(128), nullable=False),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    UniqueConstraint("channel", "native_id"),  # one account is never two persons
)
role = Table(
    "role",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("role", String(32), nullable=False),  # bot.cases.roles.Role
    Column("area_id", Id, ForeignKey("area.id"), index=True),  # holds in all areas below
    Column("unit_id", Id, ForeignKey("unit.id"), index=True),  # a handler's unit
    UniqueConstraint("person_id", "role", "area_id", "unit_id"),
)
duty = Table(
    "duty",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(16), nullable=False),  # leave | handover | roster
    Column("person_id", Id, ForeignKey("person.id"), nullable=False, index=True),
    Column("substitute_id", Id, ForeignKey("person.id")),
    Column("area_id", Id, ForeignKey("area.id"), index=True),  # None: everywhere the person has a role
    Column("starts_at", Utc, nullable=False),
    Column("ends_at", Utc),
)
calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
)
