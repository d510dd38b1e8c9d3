"""What a message turns out to be, and what must be known to tell: the contract between talk and flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.model import Attachment, ChatKind, Mode
from bot.talk.commands import Command
from classifiers.verdict import Verdict
from storage.records import CaseRow, LinkRow, MenuRow, QuestionRow

How = Literal["said", "asked", "patrol", "proxy", "relay"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """`roles` are values of bot.cases.roles.Role that hold in the chat's areas. Anonymous: no id, no roles."""

    person_id: int | None
    name: str = ""
    is_staff: bool = False
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A case of this chat and when somebody last said something that is linked to it (the platform's time)."""

    case: CaseRow
    said_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Everything known about the moment of a message. Only `chat_kind` and `speaker` must be given."""

    chat_kind: ChatKind
    speaker: Speaker
    mode: Mode = Mode.SHADOW
    verdict: Verdict | None = None  # of the message's own text
    understand: Callable[[str], Verdict] | None = None  # the classifier, for pieces put together
    command: Command | None = None
    quoted: tuple[LinkRow, ...] = ()  # links of the quoted message
    quoted_cases: tuple[CaseRow, ...] = ()  # the cases of those links
    quoted_text: str = ""  # where the platform tells it
    linked: frozenset[str] = frozenset()  # ids among message.earlier that belong to a case already
    superseded: bool = False  # an edit of this message came first and is in a case
    speaker_cases: tuple[
        Heard, ...
    ] = ()  # open, raised here by the speaker or written in by him; said_at: his last word
    chat_cases: tuple[
        Heard, ...
    ] = ()  # open, raised in this chat by anyone, within a week; said_at: anyone's last word
    results: tuple[Heard, ...] = ()  # closed and told here (or his own, in private), within 7 days; said_at: the result
    menu: MenuRow | None = None  # the quoted list, else the last one shown to the speaker in this chat
    menu_quoted: bool = False
    question: QuestionRow | None = None  # open, to this speaker, in this chat


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReport:
    """`pieces`: ids of the messages it is made of, this one last. `text`: their words, one line each."""

    text: str
    pieces: tuple[str, ...] = ()
    place: str | None = None
    photos: tuple[Attachment, ...] = ()
    verdict: Verdict | None = None  # of the whole text; None: nobody classified it (an explicit 上报)
    how: How = "said"
    for_name: str = ""  # 代报: whose words
    from_quote: bool = False  # 「上报」 under a message: link the quoted message as the report, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplement:
    """More about a case by its reporter. `verdict`: of old and new words together, for a case nobody has taken yet."""

    case_id: int
    text: str = ""
    place: str | None = None  # set only if it says where
    photos: tuple[Attachment, ...] = ()
    pieces: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Correct:
    """「说错了，是5号楼」. `field`: place | category."""

    case_id: int
    field: str
    value: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Another person has the same trouble. `place`: where he says it is, if he does."""

    case_id: int
    text: str = ""
    place: str | None = None
    photos: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """The reporter: it is over. A case that staff already work on gets a note instead (the desk decides)."""

    case_id: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFixed:
    """「没好」 to a result."""

    case_id: int
    text: str = ""
    photos: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """1 is the best of the configured grades."""

    case_id: int
    grade: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Do:
    """A command and the cases it means; none for commands that need no case."""

    command: Command
    case_ids: tuple[int, ...] = ()
    photos: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the bot waited for."""

    question: QuestionRow
    text: str = ""
    place: str | None = None
    photos: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question back, only where the bot was addressed. `key` is a sentence of the table [ask]."""

    key: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """No matter of ours; `reason` is for the log and holds no words of the message."""

    reason: str


Decision = NewReport | Supplement | Correct | Support | Withdraw | NotFixed | Grade | Do | Answer | Ask | Nothing
