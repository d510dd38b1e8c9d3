"""The way out: put in the act's transaction, claim by lane and priority, mark with what became of it (rules 4-6).

A row whose lease ran out is not claimed again by itself: it may have been sent. `lapsed` shows it to whoever decides.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    tuple_,
    update,
)

from storage.claim import CLOCKS, LIMIT, Claim, heads
from storage.claim import pending as waits
from storage.dialects import PerDialect, clock
from storage.portions import delete_all
from storage.records import NewPost, OutboxRow
from storage.rows import Shape
from storage.schema import outbox
from storage.types import Utc

PACED = "pace"
"""The reason of what waits for its turn only: nothing has failed."""
_CANCELLED = "cancelled"
GOING = "正在发送"
"""The reason of what is on its way right now; what was claimed and is without it has certainly not been sent."""
_ROW = Shape(OutboxRow, outbox)
_PUT = PerDialect(
    lambda insert: (
        insert(outbox).on_conflict_do_nothing(index_elements=["dedupe"]).returning(outbox.c.id, outbox.c.dedupe)
    )
)
_MINE = update(outbox).where(outbox.c.id == bindparam("row_id"), outbox.c.attempts == bindparam("token"), waits(outbox))
_FINISH = _MINE.values(
    state=bindparam("outcome"),
    done_at=bindparam("at"),
    native_id=bindparam("native"),
    reason=bindparam("why"),
    locked_until=None,
)
_FORGET = _FINISH.values(body={})
_RETRIED = frozenset({"dead", "unknown"})
_CLAIMS = tuple_(outbox.c.id, outbox.c.attempts).in_(bindparam("claims", expanding=True))
_BEGIN = {
    name: update(outbox)
    .where(_CLAIMS, waits(outbox), outbox.c.locked_until > moment)
    .values(reason=GOING)
    .returning(outbox.c.id)
    for name, moment in CLOCKS.items()
}
_LATER: BindParameter[datetime] = bindparam("later", type_=Utc())
_POSTPONE = _MINE.values(
    # What will be too late by then has its end at once, and its lane goes on.
    due_at=case((outbox.c.expires_at < _LATER, outbox.c.expires_at), else_=_LATER),
    failures=outbox.c.failures + bindparam("failed"),
    unknowns=outbox.c.unknowns + bindparam("unanswered"),
    reason=bindparam("why"),
    locked_until=None,
)
_RELEASE = _MINE.values(due_at=_LATER, locked_until=None)


def put(conn: Connection, posts: Sequence[NewPost], now: datetime) -> list[int | None]:
    """Ids in the order of `posts`, growing; None: a post with this `dedupe` had been put before.

    Order inside a lane holds because whoever tells of a case has changed that case's row before, in the same
    transaction, and so waits for its predecessor.
    """
    if not posts:
        return []
    values = [{**_as_dict(post), "state": "pending", "created_at": now} for post in posts]
    rows = sorted((id_, dedupe) for id_, dedupe in conn.execute(_PUT.on(conn), values))
    return _aligned(posts, rows)


def _as_dict(post: NewPost) -> dict[str, Any]:
    return {field.name: getattr(post, field.name) for field in dataclasses.fields(post)}


def _aligned(posts: Sequence[NewPost], rows: Sequence[tuple[int, str | None]]) -> list[int | None]:
    """Which id belongs to which post: both come in the same order, refused posts leave gaps."""
    left = list(reversed(rows))
    return [left.pop()[0] if left and left[-1][1] == post.dedupe else None for post in posts]


def _next(row: FromClause) -> Callable[[ColumnElement[datetime]], Select[Any]]:
    mine = row.c.account.in_(bindparam("accounts", expanding=True))
    order = (row.c.priority, row.c.due_at, row.c.id)
    return lambda _: heads(outbox, row, "lane").where(mine, row.c.locked_until.is_(None)).order_by(*order).limit(LIMIT)


_head = outbox.alias("head")
_CLAIM = Claim(outbox, _head, _next(_head), _ROW.columns)


class Claimed(NamedTuple):
    """`expired`: how many posts were too late to be sent."""

    rows: list[OutboxRow]
    expired: int


def claim(conn: Connection, now: datetime, *, accounts: Sequence[str], limit: int, lease: timedelta) -> Claimed:
    """Due lane heads, the most urgent first. What has expired is marked so on the way, and its lane goes on."""
    taken: list[OutboxRow] = []
    expired = 0
    while len(taken) < limit:
        params = {"accounts": list(accounts), "limit": limit - len(taken)}
        rows = [_ROW.make(row) for row in _CLAIM.take(conn, now, lease, params)]
        late = [row for row in rows if row.expires_at is not None and row.expires_at <= now]
        taken += [row for row in rows if row not in late]
        if not late:
            break
        _expire(conn, late, now)
        expired += len(late)
    return Claimed(sorted(taken, key=lambda row: (row.priority, row.due_at, row.id)), expired)


def _expire(conn: Connection, rows: Sequence[OutboxRow], now: datetime) -> None:
    for row in rows:
        finish(conn, row, "expired", now, reason="expired before it could be sent")


def begin(conn: Connection, rows: Sequence[OutboxRow], now: datetime) -> set[int]:
    """These are sent now: from here on nobody can say that they were not. The ids of those that are still ours.

    Whoever stood still until his lease ran out sends nothing: another has the row, or may have it at any moment.
    """
    params = {"now": now, "claims": [(row.id, row.attempts) for row in rows]}
    return set(conn.execute(_BEGIN[conn.dialect.name], params).scalars()) if rows else set()


def _in_turn(rows: Sequence[OutboxRow]) -> list[OutboxRow]:
    """Rows are locked one by one in the order of their ids, so that nobody waits for one who waits for him."""
    return sorted(rows, key=lambda row: row.id)


def finish(
    conn: Connection,
    row: OutboxRow,
    state: str,
    now: datetime,
    *,
    native_id: str | None = None,
    reason: str | None = None,
) -> bool:
    """Write the outcome: sent, dead, cancelled, expired or unknown. False: the row is no longer this claim's.

    What nobody will try again loses its words: they stand in the chat and in the case, or nowhere.
    """
    params = {"outcome": state, "at": now, "native": native_id, "why": reason, "row_id": row.id, "token": row.attempts}
    return conn.execute(_FINISH if state in _RETRIED else _FORGET, params).rowcount == 1


def postpone(
    conn: Connection, row: OutboxRow, due_at: datetime, *, reason: str, own_failure: bool, unknown: bool = False
) -> bool:
    """Again at `due_at`; only an `own_failure` counts against the row, an `unknown` outcome is counted apart.

    False: the row is no longer this claim's.
    """
    params = {"later": due_at, "why": reason, "failed": int(own_failure), "unanswered": int(unknown)}
    return conn.execute(_POSTPONE, {"row_id": row.id, "token": row.attempts, **params}).rowcount == 1


def release(conn: Connection, rows: Sequence[OutboxRow], due_at: datetime) -> None:
    """Claimed but not tried: free again from `due_at` on, no failure counted."""
    if rows:
        conn.execute(_RELEASE, [{"row_id": row.id, "token": row.attempts, "later": due_at} for row in _in_turn(rows)])


def lapsed(
    conn: Connection, now: datetime, *, accounts: Sequence[str] | None = None, limit: int = 100
) -> list[OutboxRow]:
    """Rows whose lease ran out without an outcome. Those that are GOING: sent or not, nobody knows."""
    found = select(*_ROW.columns).where(waits(outbox), outbox.c.locked_until <= clock(conn, now))
    if accounts is not None:
        found = found.where(outbox.c.account.in_(accounts))
    return _ROW.all(conn, found.order_by(outbox.c.id).limit(limit))


def cancel(
    conn: Connection,
    now: datetime,
    *,
    event_id: int | None = None,
    case_id: int | None = None,
    kinds: Sequence[str] | None = None,
    reason: str,
) -> int:
    """Take back what waits; the number of rows. Without an event it takes a case.

    What is being sent right now is not tried again if it does not get through.
    """
    if event_id is None and case_id is None:
        raise ValueError("cancel takes an event or a case")
    chosen = update(outbox).where(waits(outbox))
    if event_id is not None:
        chosen = chosen.where(outbox.c.event_id == event_id)
    if case_id is not None:
        chosen = chosen.where(outbox.c.case_id == case_id)
    if kinds is not None:
        chosen = chosen.where(outbox.c.kind.in_(kinds))
    # In one statement: a row that is claimed or released between two would be missed by both.
    return Counter(conn.execute(chosen.values(_taken_back(now, reason)).returning(outbox.c.state)).scalars())[
        _CANCELLED
    ]


def _taken_back(now: datetime, reason: str) -> dict[str, ColumnElement[Any]]:
    settled = {"state": _CANCELLED, "done_at": now, "reason": reason, "body": {}}
    idle = outbox.c.locked_until.is_(None)
    chosen = {
        name: case((idle, bindparam(None, value, outbox.c[name].type)), else_=outbox.c[name])
        for name, value in settled.items()
    }
    return {**chosen, "expires_at": case((idle, outbox.c.expires_at), else_=bindparam(None, now, Utc()))}


def waiting_for(conn: Connection, case_id: int, kind: str) -> set[int | None]:
    """Chats for which a post of this kind about the case has not been sent yet."""
    posts = select(outbox.c.chat_id).where(outbox.c.case_id == case_id, outbox.c.kind == kind, waits(outbox))
    return set(conn.execute(posts.where(outbox.c.locked_until.is_(None))).scalars())


def told_since(conn: Connection, case_id: int, chat_id: int, kinds: Sequence[str], since: datetime) -> Counter[str]:
    """How many posts about a case a chat has got since then, or will get, by kind."""
    posts = select(outbox.c.kind, func.count()).where(outbox.c.case_id == case_id, outbox.c.chat_id == chat_id)
    at = func.coalesce(outbox.c.done_at, outbox.c.created_at, type_=Utc())
    lately = posts.where(outbox.c.kind.in_(kinds), at > since, outbox.c.state != "cancelled").group_by(outbox.c.kind)
    return Counter({row[0]: row[1] for row in conn.execute(lately)})


def keep_waiting(conn: Connection, case_id: int, chat_id: int, kind: str) -> bool:
    """Whether a post of this kind waits still and will, until this transaction ends: it shows what is new as well."""
    posts = select(outbox.c.id).where(outbox.c.case_id == case_id, outbox.c.chat_id == chat_id, outbox.c.kind == kind)
    waits_still = posts.where(waits(outbox), outbox.c.locked_until.is_(None)).with_for_update()
    return conn.execute(waits_still).first() is not None


def waiting(conn: Connection, case_id: int, *, after: datetime) -> list[OutboxRow]:
    """Posts about a case that are held back until later than that moment."""
    held = select(*_ROW.columns).where(outbox.c.case_id == case_id, waits(outbox), outbox.c.due_at > after)
    return _ROW.all(conn, held.where(outbox.c.locked_until.is_(None)).order_by(outbox.c.id))


def hasten(conn: Connection, row_id: int, due_at: datetime, priority: int) -> bool:
    """Let a post that waits go earlier, and before others. False: it is being sent or settled already."""
    idle = update(outbox).where(outbox.c.id == row_id, waits(outbox), outbox.c.locked_until.is_(None))
    return conn.execute(idle.values(due_at=due_at, priority=priority)).rowcount == 1


def heard(conn: Connection, event_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Chat and kind of what these events have told: sent, perhaps sent, or being sent right now."""
    sending = and_(waits(outbox), outbox.c.locked_until.is_not(None))
    out = or_(outbox.c.state.in_(("sent", "unknown")), outbox.c.native_id.is_not(None), sending)
    posts = select(outbox.c.chat_id, outbox.c.kind).where(outbox.c.event_id.in_(event_ids), out)
    rows = conn.execute(posts.where(outbox.c.chat_id.is_not(None)).order_by(outbox.c.id))
    return [(row.chat_id, row.kind) for row in rows]


def sent_to(conn: Connection, chat_id: int, since: datetime, until: datetime) -> list[datetime]:
    """When posts went to a chat, ascending: what its ceiling counts. Later than `until`: a clock was wrong."""
    then = (outbox.c.done_at > since, outbox.c.done_at <= until)
    posts = select(outbox.c.done_at).where(outbox.c.chat_id == chat_id, *then)
    return list(conn.execute(posts.where(outbox.c.state == "sent").order_by(outbox.c.done_at)).scalars())


def move_lane(conn: Connection, chat_id: int, account: str) -> int:
    """A chat is served by another account now: what waits for it follows. The number of rows."""
    waiting = update(outbox).where(outbox.c.chat_id == chat_id, waits(outbox))
    return conn.execute(waiting.where(outbox.c.locked_until.is_(None)).values(account=account)).rowcount


def retry(conn: Connection, row_id: int, now: datetime) -> int:
    """Give a dead or unknown row a fresh start: 1; what is stale by now will expire. 0: it is neither (any more)."""
    fresh = {"state": "pending", "failures": 0, "unknowns": 0, "due_at": now, "done_at": None, "reason": None}
    return conn.execute(_given_up(row_id).values(fresh)).rowcount


def drop(conn: Connection, row_id: int, now: datetime) -> int:
    """Take a dead or unknown row back for good: 1, its words are gone, its `dedupe` stays. 0: it is neither."""
    settled = {"state": "cancelled", "body": {}, "done_at": now, "reason": "dropped"}
    return conn.execute(_given_up(row_id).values(settled)).rowcount


def _given_up(row_id: int) -> Update:
    return update(outbox).where(outbox.c.id == row_id, outbox.c.state.in_(_RETRIED))


def prune(conn: Connection, before: datetime) -> int:
    """Delete what was settled before that moment, dead letters excepted; the number of rows it cost something.

    Rows with a `dedupe` keep doing their duty, without their words.
    """
    settled = outbox.c.state.in_(("sent", "cancelled", "expired", "unknown"))
    old = and_(settled, outbox.c.done_at < before)
    doubtful = and_(old, outbox.c.state == "unknown", outbox.c.dedupe.is_not(None))
    emptied = conn.execute(update(outbox).where(doubtful).values(state="expired", body={})).rowcount
    return emptied + delete_all(conn, outbox, and_(old, outbox.c.dedupe.is_(None)))
