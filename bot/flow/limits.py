"""Token buckets as deadlines: pacing is a time before which nothing is sent, never a waiting task (pitfall 9)."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_CHATS = 4096  # a city's groups; full buckets say nothing and are dropped


@dataclass(slots=True)
class Bucket:
    """`rate` tokens a second, at most `burst`. Times are seconds of one clock."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    filled_at: float = 0.0
    closed_until: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    @classmethod
    def of(cls, limit: float, seconds: float, burst: float) -> Bucket:
        """Never more than `limit` tokens in any span of `seconds`, however full it was before."""
        return cls((limit - burst + 1.0) / seconds, burst)

    def ready_at(self, now: float, *, ahead: int = 0) -> float:
        """The moment from which a token may be taken when `ahead` others are served first; `now`: at once."""
        self._fill(now)
        missing = 1.0 + ahead - self.tokens
        return max(self.closed_until, now + missing / self.rate if missing > 0 else now)

    def take(self, now: float) -> None:
        self._fill(now)
        self.tokens -= 1.0

    def close(self, until: float) -> None:
        """The platform said wait: no later, shorter answer may open it earlier."""
        self.closed_until = max(self.closed_until, until)

    def idle(self, now: float) -> bool:
        self._fill(now)
        return self.tokens >= self.burst and self.closed_until <= now

    def _fill(self, now: float) -> None:
        """A clock that was set back fills nothing, and neither stops the filling nor keeps shut till it catches up."""
        self.closed_until -= max(0.0, self.filled_at - now)
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.filled_at) * self.rate)
        self.filled_at = now


class Limits:
    """The buckets of one account: one for the account, one for each chat."""

    def __init__(self, *, per_chat_per_minute: int, per_account_per_second: float) -> None:
        self._per_chat = per_chat_per_minute
        self._account = Bucket.of(per_account_per_second, 1.0, max(1.0, per_account_per_second // 8))
        self._chats: dict[str, Bucket] = {}

    def ready_at(self, chat: str, now: float, *, ahead: int = 0) -> float:
        bucket = self._chats.get(chat)
        return max(self._account.ready_at(now), bucket.ready_at(now, ahead=ahead) if bucket else now)

    def take(self, chat: str, now: float) -> None:
        self._account.take(now)
        self._bucket(chat).take(now)
        if len(self._chats) > MAX_CHATS:
            self._chats = {key: value for key, value in self._chats.items() if not value.idle(now)}

    def close_chat(self, chat: str, until: float) -> None:
        self._bucket(chat).close(until)

    def close_account(self, until: float) -> None:
        self._account.close(until)

    def _bucket(self, chat: str) -> Bucket:
        if chat not in self._chats:
            self._chats[chat] = Bucket.of(self._per_chat, 60.0, max(1.0, self._per_chat // 4))
        return self._chats[chat]
