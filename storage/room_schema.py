"""Tables of the web chat's history: a platform's own data in a SQLite file of its own, apart from the cases."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from storage.types import Body, Utc

VERSION = 1  # PRAGMA user_version; a file with another one belongs to other code
NOT_JOINED = -1  # `room.fed` before anybody was told that the room exists

metadata = MetaData()

member = Table(
    "member",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", Text, nullable=False),
    Column("staff", Boolean, nullable=False, server_default=false()),
    Column("seat", String(32), nullable=False, unique=True),  # the public handle in addresses
    Column("epoch", Integer, nullable=False, server_default=text("1")),  # +1 ends every session of the member
)
room = Table(
    "room",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("title", Text, nullable=False),
    Column("kind", String(16), nullable=False),  # residents | staff | unit | private
    Column("rev", Integer, nullable=False, server_default=text("0")),
    Column("last", Integer, nullable=False, server_default=text("0")),  # survives retention: no number comes twice
    Column("fed", Integer, nullable=False, server_default=text(str(NOT_JOINED))),  # revisions up to this are accepted
    Column("created_at", Utc, nullable=False),
)
room_member = Table(
    "room_member",
    metadata,
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False, index=True),
    Column("read", Integer, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("room", "member"),
)
message = Table(
    "message",
    metadata,
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("born", Integer, nullable=False),  # the revision it came with
    Column("author", ForeignKey("member.id"), nullable=False),
    Column("cid", String(64)),
    Column("key", String(200)),
    Column("at", Utc, nullable=False, index=True),
    Column("changed_at", Utc),  # edited or recalled
    Column("body", Body, nullable=False),
    Column("edited", Boolean, nullable=False, server_default=false()),
    Column("recalled", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("room", "n"),  # two messages never share a number
    UniqueConstraint("room", "rev"),  # a reader who has seen a revision has seen everything up to it
    UniqueConstraint("author", "cid"),  # said again after a lost answer: still one message
    UniqueConstraint("key"),  # posted again after a lost outcome: still one message
)
photo = Table(
    "photo",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("mime", String(32), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("at", Utc, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
photo_owner = Table(  # who has uploaded these bytes; the same picture may come from several
    "photo_owner",
    metadata,
    Column("hash", ForeignKey("photo.hash", ondelete="CASCADE"), nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False),
    PrimaryKeyConstraint("hash", "member"),
)
photo_use = Table(
    "photo_use",
    metadata,
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("hash", ForeignKey("photo.hash"), nullable=False),  # a photo in use is never deleted
    PrimaryKeyConstraint("room", "n", "hash"),
    Index("ix_photo_use_hash", "hash"),
)
invite = Table(
    "invite",
    metadata,
    Column("hash", String(64), primary_key=True),  # SHA-256 of the token: the file gives nobody a way in
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),  # used, or burned because it was seen in a group
)
