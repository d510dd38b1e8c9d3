"""The values that travel between channels, flow, talk and cases. Frozen, free of I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum


class InboundKind(StrEnum):
    """What happened on the platform."""

    MESSAGE = "message"
    EDIT = "edit"
    RECALL = "recall"
    BUTTON = "button"
    JOINED = "joined"  # the bot was added to the chat
    LEFT = "left"  # the bot was removed from the chat
    MIGRATED = "migrated"  # the chat has a new native id, given in `text`


class ChatKind(StrEnum):
    """What a chat is for. `unknown`: nobody has bound it to an area yet; the bot stays silent there."""

    RESIDENTS = "residents"
    STAFF = "staff"
    UNIT = "unit"
    PRIVATE = "private"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """How much a residents' group sees (domain.md, Manners)."""

    SHADOW = "shadow"
    RESULTS = "results"
    FULL = "full"


class Priority(IntEnum):
    """Order among lanes that are due; the lowest number goes first."""

    EMERGENCY = 0
    ANSWER = 1
    RESULT = 2
    CARD = 3
    NOTICE = 4
    REMINDER = 5
    DIGEST = 6


@dataclass(frozen=True, slots=True)
class Sender:
    """Who spoke. `native_id` is unique within the channel; an anonymous sender never has a role."""

    native_id: str
    name: str
    is_bot: bool = False
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A photo, voice or file. `ref` is what the channel needs to fetch it; `blob` its content hash once stored."""

    kind: str  # photo | voice | video | file
    ref: str
    blob: str | None = None
    size: int | None = None  # bytes, where the platform tells


@dataclass(frozen=True, slots=True)
class Location:
    """A point the sender shared, WGS-84 degrees."""

    lat: float
    lon: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event of a platform, already neutral.

    `event_key` is unique per account: message id; for an edit id + content hash; for a button its callback id.
    `earlier` are messages of the same sender which the gate had held back and which enter together with this one.
    """

    account: str  # "<channel>:<name>", e.g. "webchat:main"
    event_key: str
    kind: InboundKind
    chat: str  # native id
    private: bool
    sent_at: datetime
    sender: Sender
    message_id: str | None = None
    text: str = ""
    reply_to: str | None = None  # native id of the quoted message
    reply_to_bot: bool = False
    reply_text: str = ""  # what the quoted message says, if it is the bot's own and the platform shows it
    mentions_bot: bool = False
    attachments: tuple[Attachment, ...] = ()
    location: Location | None = None
    group_key: str | None = None  # an album's id
    button: str | None = None  # data of the pressed button
    earlier: tuple[Inbound, ...] = ()
    refused: tuple[str, ...] = ()  # why photos were not taken, in sentences for the sender

    @property
    def channel(self) -> str:
        return self.account.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Button:
    """A tap instead of a word. `data` holds at most 64 bytes: action:case:version[:argument]."""

    label: str
    data: str
    style: str = ""  # "" | primary | danger


@dataclass(frozen=True, slots=True)
class Card:
    """A case as staff see it, neutral; a channel renders it as far as its capabilities go."""

    title: str
    lines: tuple[tuple[str, str], ...] = ()  # (label, value)
    note: str = ""  # the matched words, a hint
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Photo:
    """Checked image bytes on their way out."""

    blob: str
    mime: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Post:
    """One message on its way to a chat. `key` lets a channel that can, drop a second delivery of the same row."""

    chat: str  # native id
    key: str
    text: str = ""
    card: Card | None = None
    quote: str | None = None  # native id of the message to quote
    edits: str | None = None  # native id of our own message this replaces
    buttons: tuple[Button, ...] = ()
    photos: tuple[Photo, ...] = ()


class Scope(StrEnum):
    """What a failure concerns; only row failures use up a row's attempts."""

    ROW = "row"
    DESTINATION = "destination"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform has it, under this native message id."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Retry:
    """Certainly not sent; try again after `after` seconds."""

    after: float
    reason: str
    scope: Scope = Scope.ROW


@dataclass(frozen=True, slots=True)
class Unknown:
    """The bytes left and no answer came: it may or may not have been posted."""

    reason: str


@dataclass(frozen=True, slots=True)
class Dead:
    """It can never be sent like this."""

    reason: str
    scope: Scope = Scope.ROW
    moved_to: str | None = None  # the chat's new native id, where the platform tells


SendResult = Sent | Retry | Unknown | Dead


class Audience(StrEnum):
    """Whom a notice is for; flow.tell turns it into chats."""

    SPEAKER = "speaker"  # where the act was spoken, to the one who spoke
    GROUP = "group"  # each residents' group the case was raised in
    REPORTER = "reporter"  # in private if there is a way, else in the group as its mode allows
    REPORTER_PRIVATE = "reporter_private"  # in private or not at all
    STAFF = "staff"  # staff chats of the case's area and the worker on duty; the confidant for hidden cases
    UNIT = "unit"  # the chat of the case's unit
    SUPERVISOR = "supervisor"  # the level above
    LEVEL = "level"  # the people in data["persons"], each in private, else the staff chat
    CONNECTOR = "connector"  # the case system


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that happened to a case and who should hear it; `kind` is the key of its sentence."""

    kind: str
    audience: Audience
    case_id: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    event_id: int | None = None  # the case event that caused it; an undo cancels what is still pending
