"""Token buckets as deadlines: pacing is a time before which nothing is sent, never a waiting task (pitfall 9)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """`rate` tokens a second, at most `burst`. Times are monotonic seconds."""

    rate: float
    burst: float
    tokens: float = field(init=False)
    filled_at: float = 0.0
    closed_until: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def ready_at(self, now: float) -> float:
        """The moment from which a token may be taken; `now` or earlier means at once."""
        self._fill(now)
        missing = max(0.0, 1.0 - self.tokens)
        return max(self.closed_until, now + missing / self.rate if missing else now)

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
        self.tokens = min(self.burst, self.tokens + max(0.0, now - self.filled_at) * self.rate)
        self.filled_at = max(self.filled_at, now)


class Limits:
    """The buckets of one account: one for the account, one for each chat, dropped again when they are full."""

    def __init__(self, *, per_chat_per_minute: int, per_account_per_second: float) -> None:
        self._per_chat = per_chat_per_minute / 60.0
        self._chat_burst = max(1.0, per_chat_per_minute / 4)
        self._account = Bucket(per_account_per_second, max(1.0, per_account_per_second))
        self._chats: dict[str, Bucket] = {}

    def ready_at(self, chat: str, now: float) -> float:
        bucket = self._chats.get(chat)
        return max(self._account.ready_at(now), bucket.ready_at(now) if bucket else now)

    def take(self, chat: str, now: float) -> None:
        self._account.take(now)
        self._bucket(chat).take(now)
        if len(self._chats) > 4096:  # a city's groups; full buckets say nothing
            self._chats = {key: value for key, value in self._chats.items() if not value.idle(now)}

    def close_chat(self, chat: str, until: float) -> None:
        self._bucket(chat).close(until)

    def close_account(self, until: float) -> None:
        self._account.close(until)

    def _bucket(self, chat: str) -> Bucket:
        if chat not in self._chats:
            self._chats[chat] = Bucket(self._per_chat, self._chat_burst)
        return self._chats[chat]
