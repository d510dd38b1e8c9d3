"""An outbox row that was claimed -> the post that goes out, showing the case as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.cases.actor import Actor
from bot.cases.desk.standing import actor_on
from bot.cases.directory import Directory
from bot.cases.duty import HIDDEN
from bot.cases.lifecycle import possible
from bot.cases.notices import Kind
from bot.cases.visibility import GROUP, STAFF_CHAT, UNIT_CHAT, Field, Viewer, may_see, viewer_of
from bot.flow.discretion import COLLEAGUES, may_hear
from bot.flow.draft import Draft, Item
from bot.flow.voices import Voices
from bot.model import Audience, ChatKind, Notice, Photo, Post
from bot.talk import lists
from bot.talk.cards import CardView, View, case_card, view_of
from storage import blobs, cases, chats
from storage.records import CaseRow, ChatRow, OutboxRow

SUMMED = ("supplement", "support")
ENDED = frozenset({"withdrawn", "declined", "merged", "closed"})
ON_A_CARD = 9  # photos; how many there are it says
MASKED: tuple[tuple[Field, dict[str, object]], ...] = (
    (Field.TEXT, {"text": ""}),
    (Field.REPORTER, {"reporter_name": "", "anonymous": True}),
    (Field.MATCHED, {"matched": ""}),
    (Field.PHOTOS, {"photos": ()}),
)


@dataclass(frozen=True, slots=True)
class Ready:
    """To be sent; `draft` says what follows when it has been."""

    post: Post
    draft: Draft


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is left to say."""

    reason: str


class Renderer:
    """`directory`: the snapshot of the moment. `late`: what was said longer ago is no news, and its card says so."""

    def __init__(self, voices: Voices, directory: Callable[[], Directory], *, late: timedelta) -> None:
        self._voices, self._directory, self._late = voices, directory, late

    def render(self, conn: Connection, row: OutboxRow, now: datetime) -> Ready | Settled:
        draft = Draft.load(row.body)
        chat = chats.chat(conn, row.chat_id) if row.chat_id is not None else None
        if chat is None or not chat.native_id:
            return Settled("no chat")
        if not _still_for(conn, row, draft, chat):
            return Settled("no longer for this chat")
        match draft.view:
            case "card":
                return self._card(conn, row, draft, chat, now)
            case "more":
                return self._more(conn, row, draft, chat, now)
            case "reminder":
                return self._reminder(conn, row, draft, chat, now)
            case "list":
                return self._list(conn, row, draft, chat, now)
            case _:
                return Ready(self._post(conn, row, draft, chat, draft.text), draft)

    def _post(self, conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow, text: str) -> Post:
        return Post(
            chat=chat.native_id,
            key=post_key(row.id, row.created_at),
            text=text,
            quote=draft.quote,
            edits=draft.edits,
            buttons=draft.buttons,
            photos=photos_of(conn, draft.photos),
        )

    def _card(self, conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow, now: datetime) -> Ready | Settled:
        case = cases.get(conn, row.case_id) if row.case_id is not None else None
        if case is None:
            return Settled("no case")
        if row.kind == "reported" and draft.edits is None and case.state in ENDED:
            return Settled(f"the case is {case.state}")
        actor = self._reader(conn, chat, case, now)
        seen = _masked(case, viewer_of(actor) if actor else _viewer(chat))
        view = CardView(
            kind=view_of(case, unit=chat.kind == ChatKind.UNIT),
            supporters=cases.count_supporters(conn, case.id),
            may=_taps(case, actor, chat),
            private=chat.kind == ChatKind.PRIVATE,
            late=self._said_long_before(case),
        )
        card, buttons = case_card(seen, view, self._voices.of(self._directory()), now)
        post = self._post(conn, row, draft, chat, draft.text)
        shown = seen.result_photos if view.kind in (View.VERIFY, View.CLOSED) else seen.photos
        return Ready(replace(post, card=card, buttons=buttons, photos=photos_of(conn, shown[:ON_A_CARD])), draft)

    def _more(self, conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow, now: datetime) -> Ready | Settled:
        """What has been said of a case since there was too much to tell each word."""
        case = cases.get(conn, row.case_id) if row.case_id is not None else None
        if case is None or case.state in ENDED:
            return Settled("nothing to go on with")
        audience = Audience.UNIT if chat.kind == ChatKind.UNIT else Audience.STAFF
        said = cases.count_events(conn, case.id, SUMMED, row.created_at)
        facts = {"count": said, "total": cases.count_supporters(conn, case.id) or ""}
        notice = Notice(Kind.MORE.value, audience, case.id, facts)
        text = self._voices.of(self._directory()).notice(notice, case, now)
        return Ready(self._post(conn, row, draft, chat, text), draft) if text else Settled("not for this chat")

    def _said_long_before(self, case: CaseRow) -> datetime | None:
        """When it was said, if its clock has started much later: the message was held up, or quoted afterwards."""
        started = case.clock_started_at if case.state == "reported" else None
        return case.reported_at if started is not None and started - case.reported_at > self._late else None

    def _reader(self, conn: Connection, chat: ChatRow, case: CaseRow, now: datetime) -> Actor | None:
        """The person a private chat belongs to."""
        if chat.kind != ChatKind.PRIVATE or chat.person_id is None:
            return None
        return actor_on(conn, self._directory(), chat.person_id, case, now)

    def _reminder(
        self, conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow, now: datetime
    ) -> Ready | Settled:
        """Only what is still open and on the same clock, the latest of each case; a single sentence or a list."""
        voice = self._voices.of(self._directory())
        told: dict[int, str] = {}
        for item in draft.items:
            case = _reminded(conn, item)
            text = voice.notice(_notice(item), case, now) if case and may_hear(chat, item.kind, case) else None
            if text is not None:
                told[item.case] = text
        if not told:
            return Settled("all settled")
        post = self._post(conn, row, draft, chat, lists.reminders(list(told.values()), voice))
        return Ready(post, replace(draft, menu=tuple(told) if draft.menu else ()))

    def _list(self, conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow, now: datetime) -> Ready | Settled:
        """What is still only perhaps a case, in the words it has now."""
        found = (cases.get(conn, case_id) for case_id in draft.menu)
        still = [case for case in found if case is not None and cases.is_perhaps(case)]
        if not still:
            return Settled("all taken up")
        listed = lists.digest(still, self._voices.of(self._directory()), now, more=draft.more)
        return Ready(self._post(conn, row, draft, chat, listed.text), replace(draft, menu=listed.items))


def post_key(row_id: int, created_at: datetime) -> str:
    """What a platform knows a post by, so that it never stands there twice.

    The id alone is not enough: one that a platform remembers is given out again where the database went back to a
    backup, or where retention has emptied it.
    """
    return f"outbox:{row_id}:{created_at:%Y%m%d%H%M%S%f}"


def photos_of(conn: Connection, hashes: tuple[str, ...]) -> tuple[Photo, ...]:
    """The bytes on their way out; one that retention has removed is left out."""
    found = (blobs.get(conn, blob) for blob in hashes)
    return tuple(Photo(blob.hash, blob.mime, blob.data) for blob in found if blob is not None)


def _viewer(chat: ChatRow) -> Viewer:
    if chat.kind not in COLLEAGUES:
        return GROUP
    return UNIT_CHAT if chat.kind == ChatKind.UNIT else STAFF_CHAT


def _taps(case: CaseRow, actor: Actor | None, chat: ChatRow) -> frozenset[str] | None:
    """What may be tapped; None: whatever the view offers to colleagues."""
    if actor is not None:
        return frozenset(action.value for action in possible(case, actor))
    return None if chat.kind in COLLEAGUES else frozenset()


def _still_for(conn: Connection, row: OutboxRow, draft: Draft, chat: ChatRow) -> bool:
    """A case or a group may have changed while the post waited. A card of colleagues that stands is blanked instead."""
    case = cases.get(conn, row.case_id) if row.case_id is not None else None
    blanked = draft.edits is not None and chat.kind in COLLEAGUES
    return case is None or blanked or may_hear(chat, row.kind, case)


def _masked(case: CaseRow, viewer: Viewer) -> CaseRow:
    if case.sensitive in HIDDEN and not may_see(viewer, case, Field.TEXT):
        return replace(case, text="", reporter_name="", matched="", photos=(), place="", result_text="")
    for field, empty in MASKED:
        if not may_see(viewer, case, field):
            case = replace(case, **empty)  # type: ignore[arg-type]  # each empties columns by name
    return case


def _reminded(conn: Connection, item: Item) -> CaseRow | None:
    """The case, if its clock still runs and no later reminder has come meanwhile: only the latest counts."""
    case = cases.get(conn, item.case)
    if case is None or case.clock is None or case.paused_at is not None:
        return None
    return case if (case.generation, case.reminders) == (item.generation, item.n + 1) else None


def _notice(item: Item) -> Notice:
    return Notice(item.kind, Audience(item.audience), item.case, item.data)
