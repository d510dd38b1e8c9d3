"""Who somebody is: invite tokens, signed sessions, and how often one may guess."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.rooms import Member

COOKIE = "gb_seat"
_TOKEN_BYTES = 16  # 128 bits; 50 would do
_TOKEN_IN_TEXT = re.compile(r"/chat/i/([A-Za-z0-9_-]{16,64})")


def new_token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored: a copy of the file lets nobody in."""
    return hashlib.sha256(token.encode()).hexdigest()


def tokens_in(text: str) -> list[str]:
    """Invites somebody has pasted into a message."""
    return _TOKEN_IN_TEXT.findall(text)


class Sessions:
    """Signed cookies. One holds the seat, when it was given and a signature over these and the member's epoch."""

    def __init__(self, secret: str, days: int) -> None:
        self._key = hashlib.sha256(b"gb_seat:" + secret.encode()).digest()
        self._days = days

    @property
    def seconds(self) -> int:
        return self._days * 86400

    def issue(self, member: Member, now: datetime) -> str:
        stamp = str(int(now.timestamp()))
        return f"{stamp}.{self._sign(member, stamp)}"

    def holds(self, cookie: str, member: Member, now: datetime) -> bool:
        """True if we signed this cookie for this member, not too long ago, and nobody has ended it since."""
        stamp, _, signature = cookie.partition(".")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return False
        right = hmac.compare_digest(signature.encode(), self._sign(member, stamp).encode())
        return right and now.timestamp() - int(stamp) < self.seconds

    def _sign(self, member: Member, stamp: str) -> str:
        signed = f"{member.id}\n{member.seat}\n{member.epoch}\n{stamp}"
        return hmac.new(self._key, signed.encode(), hashlib.sha256).hexdigest()


class Window:
    """At most `most` events in `span`, counted for each key; forgets keys that are quiet."""

    def __init__(self, most: int, span: timedelta, keys: int = 10_000) -> None:
        self._most, self._span, self._keys = most, span, keys
        self._times: OrderedDict[str, deque[datetime]] = OrderedDict()

    def full(self, key: str, now: datetime) -> bool:
        times = self._times.get(key, ())
        return sum(1 for time in times if now - time < self._span) >= self._most

    def count(self, key: str, now: datetime) -> None:
        self._times.setdefault(key, deque(maxlen=self._most)).append(now)
        self._times.move_to_end(key)
        while len(self._times) > self._keys:
            self._times.popitem(last=False)

    def allows(self, key: str, now: datetime) -> bool:
        """Count one more if there is room for it."""
        if self.full(key, now):
            return False
        self.count(key, now)
        return True


def hashes(tokens: Sequence[str]) -> list[str]:
    return [token_hash(token) for token in tokens]
