"""May this message matter at all? In memory, with the account's owner; what it drops never touches the disk.

architecture.md, rule 7. All windows use the platform's `sent_at`. Admitting the same message twice gives the same
answer, so a delivery that could not be stored may simply be tried again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.flow.held import Held
from bot.model import ChatKind, Inbound, InboundKind

SHORT = 12  # characters; what could be support, a grade or 「没好」 in a hot chat
MAX_LINKED = 200_000
PURGE_EVERY = timedelta(minutes=1)
EVENTS = frozenset({InboundKind.JOINED, InboundKind.LEFT, InboundKind.MIGRATED, InboundKind.BUTTON})
ALL_PASSES = frozenset({ChatKind.PRIVATE, ChatKind.STAFF, ChatKind.UNIT})


class Reason(StrEnum):
    """Why a message passed; a label of the counters."""

    EVENT = "event"
    CHAT = "chat"
    ADDRESSED = "addressed"
    LINKED = "linked"
    WARM = "warm"
    BESIDE = "beside"
    HOT = "hot"
    ANCHOR = "anchor"
    COMMAND = "command"


WARMING = frozenset({Reason.ANCHOR, Reason.LINKED, Reason.ADDRESSED, Reason.COMMAND})
"""Warmth does not feed itself: what passed only because its sender is warm makes nobody warmer."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How long things are remembered."""

    held: timedelta = timedelta(minutes=2)
    warm: timedelta = timedelta(minutes=10)
    hot: timedelta = timedelta(minutes=10)
    result_hot: timedelta = timedelta(hours=24)


@dataclass(slots=True)
class Counters:
    passed: int = 0
    dropped: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)


class Gate:
    """One account's gate, told by four questions what the rest of the program knows.

    `anchor(text)`: could any rule fire? `worth(texts, inbound)`: do the rules see at least a perhaps in the joined
    texts? `command(inbound)`: is it a command of the chat grammar? `staff(inbound)`: has the sender a role here?
    """

    def __init__(
        self,
        *,
        anchor: Callable[[str], bool],
        worth: Callable[[str, Inbound], bool],
        command: Callable[[Inbound], bool],
        staff: Callable[[Inbound], bool],
        windows: Windows | None = None,
    ) -> None:
        self._anchor, self._worth, self._command, self._staff = anchor, worth, command, staff
        self._windows = windows or Windows()
        self._held = Held(self._windows.held)
        self._warm: dict[tuple[str, str], datetime] = {}
        self._passed: dict[tuple[str, str], datetime] = {}
        self._hot: dict[str, datetime] = {}
        self._awaited: frozenset[tuple[str, str]] = frozenset()
        self._linked: dict[tuple[str, str], None] = {}
        self._purge_at: datetime | None = None
        self._silence: tuple[int, datetime] | None = None
        self.counters = Counters()

    def admit(self, inbound: Inbound, kind: ChatKind) -> Inbound | None:
        """The message, with what was held back of the same sender, or None: forget it."""
        self._held.purge(inbound.sent_at)
        if self._purge_at is None or inbound.sent_at >= self._purge_at:
            self._close_windows(inbound.sent_at)
        talk = kind is ChatKind.RESIDENTS and inbound.kind is InboundKind.MESSAGE and not inbound.private
        reason = self._talk(inbound) if talk else self._other(inbound, kind)
        if reason is None:
            self.counters.dropped += 1
            return None
        self.counters.passed += 1
        self.counters.by_reason[reason] = self.counters.by_reason.get(reason, 0) + 1
        return self._enter(inbound, reason) if talk or reason is Reason.ANCHOR else inbound

    # -- what the rest of the program tells the gate

    def link(self, chat: str, message_id: str) -> None:
        """This message belongs to a case: its edits, recalls and quotes pass."""
        self._linked[chat, message_id] = None
        if len(self._linked) > MAX_LINKED:
            del self._linked[next(iter(self._linked))]

    def warm(self, chat: str, sender: str, until: datetime) -> None:
        key = (chat, sender)
        self._warm[key] = max(until, self._warm.get(key, until))

    def heat(self, chat: str, until: datetime) -> None:
        self._hot[chat] = max(until, self._hot.get(chat, until))

    def expect(self, speakers: Iterable[tuple[str, str]]) -> None:
        """Of whom, by chat and native id, the bot waits for an answer now: they stay warm as long as it does."""
        self._awaited = frozenset(speakers)

    def tend(self, now: datetime) -> None:
        """Called every second or so by the clock on the wall: where nobody speaks any more, nothing stays held.

        Nor does anything whose age nobody can tell any more, because that clock was set back.
        """
        if self._silence is not None and self._silence[1] - now > self._windows.held:
            self._held.clear()
            self._silence = None
        if self._silence is None or self._silence[0] != self.counters.dropped:
            self._silence = (self.counters.dropped, now)
        elif now - self._silence[1] > self._windows.held:
            self._held.clear()

    # -- the decision

    def _talk(self, inbound: Inbound) -> Reason | None:
        """A message in a residents' group. One that is held already stays so: it enters with what it belongs to."""
        speaker = (inbound.chat, inbound.sender.native_id)
        pieces = self._held.of(speaker)
        if inbound.sender.is_bot or (pieces and any(p.inbound.event_key == inbound.event_key for p in pieces)):
            return None
        reason = self._by_context(inbound, speaker)
        if reason is not None:
            return reason
        anchored = self._anchor(inbound.text)
        if (anchored or pieces) and self._matters(inbound, anchored=anchored):
            return Reason.ANCHOR
        if self._command(inbound):
            return Reason.COMMAND
        self._held.add(inbound, anchored=anchored)
        return None

    def _by_context(self, inbound: Inbound, speaker: tuple[str, str]) -> Reason | None:
        if inbound.mentions_bot or inbound.reply_to_bot:
            return Reason.ADDRESSED
        if inbound.reply_to is not None and self._quotes_what_counts(inbound):
            return Reason.LINKED
        if self._is_warm(inbound, speaker):
            return Reason.WARM
        if (inbound.attachments or inbound.group_key) and self._beside(inbound, speaker):
            return Reason.BESIDE
        hot = self._hot.get(inbound.chat)
        if hot is not None and inbound.sent_at <= hot and 0 < len(inbound.text) <= SHORT:
            return Reason.HOT
        return None

    def _is_warm(self, inbound: Inbound, speaker: tuple[str, str]) -> bool:
        until = self._warm.get(speaker)
        return (until is not None and inbound.sent_at <= until) or speaker in self._awaited

    def _beside(self, inbound: Inbound, speaker: tuple[str, str]) -> bool:
        passed = self._passed.get(speaker)
        return passed is not None and abs(inbound.sent_at - passed) <= self._windows.held

    def _other(self, inbound: Inbound, kind: ChatKind) -> Reason | None:
        """Everything but a message in a residents' group."""
        if inbound.kind in EVENTS:
            return Reason.EVENT
        if inbound.sender.is_bot:
            return None
        if inbound.private or kind in ALL_PASSES:
            return Reason.CHAT
        if kind is ChatKind.UNKNOWN:
            return self._unbound(inbound)
        return self._changed(inbound)

    def _unbound(self, inbound: Inbound) -> Reason | None:
        """Nobody bound this group: not a word of its talk is kept, only who speaks to the bot is heard."""
        if inbound.kind is not InboundKind.MESSAGE:
            return None
        if inbound.mentions_bot or inbound.reply_to_bot:
            return Reason.ADDRESSED
        return Reason.COMMAND if self._staff(inbound) and self._command(inbound) else None

    def _changed(self, inbound: Inbound) -> Reason | None:
        """An edit or a recall. What is held is changed where it is, and so enters only as it was meant in the end."""
        edit = inbound.kind is InboundKind.EDIT
        anchored = edit and self._anchor(inbound.text)
        self._held.change(inbound, anchored=anchored)
        if edit and self._matters(inbound, anchored=anchored):
            return Reason.ANCHOR  # also chatter edited into a report
        if (inbound.chat, inbound.message_id or "") in self._linked:
            return Reason.LINKED
        return Reason.WARM if self._is_warm(inbound, (inbound.chat, inbound.sender.native_id)) else None

    def _quotes_what_counts(self, inbound: Inbound) -> bool:
        """A quote of a linked message by anybody; of a held one by staff (「上报」): their word gives it a meaning."""
        if (inbound.chat, inbound.reply_to or "") in self._linked:
            return True
        return self._staff(inbound) and self._held.quoted(inbound) is not None

    def _matters(self, inbound: Inbound, *, anchored: bool) -> bool:
        """The anchors decide, exactly; only then the rules are asked, for the message alone and after what was held."""
        if anchored and self._worth(inbound.text, inbound):
            return True
        pieces = self._held.before(inbound)
        if not pieces or not (anchored or any(piece.anchored for piece in pieces)):
            return False
        texts = [*(piece.inbound.text for piece in pieces), inbound.text]
        return self._worth("\n".join(text for text in texts if text), inbound)

    # -- what passes

    def _enter(self, inbound: Inbound, reason: Reason) -> Inbound:
        self._remember(inbound, reason)
        earlier = tuple(piece.inbound for piece in self._held.before(inbound))
        quoted = self._held.quoted(inbound)
        if quoted is not None and quoted not in earlier and self._staff(inbound):
            earlier = (quoted, *earlier)
        return dataclasses.replace(inbound, earlier=earlier) if earlier else inbound

    def _remember(self, inbound: Inbound, reason: Reason) -> None:
        chat, sender = inbound.chat, inbound.sender.native_id
        self._passed[chat, sender] = inbound.sent_at
        if reason in WARMING:
            self.warm(chat, sender, inbound.sent_at + self._windows.warm)
        if reason is Reason.ANCHOR:
            self.heat(chat, inbound.sent_at + self._windows.hot)
            if inbound.message_id:
                self.link(chat, inbound.message_id)

    def _close_windows(self, now: datetime) -> None:
        self._purge_at = now + PURGE_EVERY
        oldest = now - self._windows.held
        self._warm = {key: until for key, until in self._warm.items() if until >= now}
        self._hot = {chat: until for chat, until in self._hot.items() if until >= now}
        self._passed = {key: at for key, at in self._passed.items() if at >= oldest}
