"""/metrics after a known story, on both databases: every number is exactly right, and no label tells of anybody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, update

from bot.assembly import rules_of
from bot.config import PARTS, Config
from bot.errors import NotAccepted
from bot.flow.rules import Rules
from bot.model import Dead, Retry, Scope, SendResult, Unknown
from bot.monitor import Monitor
from bot.web.metrics import exposition
from storage import people
from storage.engine import Database
from storage.schema import inbox
from tests.fakes.paper import START
from tests.integration.flow.bench import Bench
from tests.integration.flow.desk_of_one import ACCOUNT, Cable, a_post, put
from tests.integration.web.scraped import Scraped

FIRST_GROUP = 1  # the id of g1
DAY = timedelta(days=1)
LAMP = "3号楼前的路灯坏了好几天了，没人修"
CHATTER = ("今天菜市场的白菜特别新鲜", "是啊，我也买了两棵", "晚上一起跳舞吗")


class Watched(Bench):
    """The bench with an eye on it. `cable` can be pulled out."""

    def __init__(self, bench: Bench, cable: Cable) -> None:
        super().__init__(bench.parts, bench.channel, bench.clock)
        self.cable = cable
        self.monitor = Monitor(bench.parts, {ACCOUNT: bench.channel}, PARTS, fresh=0)

    async def scrape(self) -> Scraped:
        return Scraped(exposition(await self.monitor.snapshot()).decode())


@pytest.fixture(scope="module")
def rules() -> Rules:
    """Loaded once for all of this file."""
    return rules_of(Config())


@pytest.fixture
async def watched(db: Database, tmp_path: Path, rules: Rules) -> Watched:
    cable = Cable(db)
    return Watched(await Bench.open(cable, tmp_path, rules), cable)


async def the_story(watched: Watched) -> None:
    """Chatter, a report that comes twice, its card; accepted and closed by the worker; the result in the group."""
    for person, text in zip("abc", CHATTER, strict=True):
        await watched.hear("g1", person, text)
    said = watched.channel.say("g1", "li", LAMP, sent_at=watched.clock())
    watched.clock.move(3)
    for _ in range(2):
        await watched.parts.intakes[ACCOUNT].accept([said])
    await watched.dispatch()
    watched.clock.move(10)
    await watched.deliver()
    await watched.hear("s1", "limei", "办结 1 换了灯泡")
    await watched.dispatch()
    await watched.deliver()


async def test_after_a_story_every_number_is_right(watched: Watched) -> None:
    await the_story(watched)
    seen = await watched.scrape()
    assert seen.all("messages_received_total", "kind", account=ACCOUNT) == {"message": 6}
    assert seen("messages_dropped_total", account=ACCOUNT) == 3
    passed = seen.all("messages_passed_total", "reason", account=ACCOUNT)
    assert (sum(passed.values()), passed["chat"], passed["anchor"]) == (3, 1, 1)
    assert seen.all("inbox_rows_total", "outcome") == {"stored": 2, "repeated": 1}
    assert (
        seen("message_delay_seconds_count", account=ACCOUNT),
        seen("message_delay_seconds_sum", account=ACCOUNT),
    ) == (2, 3)
    assert seen("message_delay_seconds_bucket", account=ACCOUNT, le="2.0") == 1
    assert seen.all("dispatch_rows_total", "outcome") == {"done": 2}
    assert seen("handling_seconds_count") == 2
    assert seen.all("cases", "state") == {"closed": 1}
    assert seen.all("sends_total", "outcome") == {"sent": len(watched.channel.tried)}
    assert watched.channel.posts("g1")
    assert (seen("inbox_waiting"), seen("inbox_lag_seconds"), seen("database_up")) == (0, 0, 1)
    assert seen.all("dead_letters", "state") == {}


async def test_what_came_while_the_database_was_away_is_counted_once(watched: Watched) -> None:
    """The platform brings it again; chatter in the same batch is not counted twice either."""
    batch = [
        watched.channel.say("g1", who, text, sent_at=watched.clock()) for who, text in zip("abc", CHATTER, strict=True)
    ]
    batch.append(watched.channel.say("g1", "li", LAMP, sent_at=watched.clock()))
    watched.cable.out = True
    for _ in range(3):
        with pytest.raises(NotAccepted):
            await watched.parts.intakes[ACCOUNT].accept(batch)
    seen = await watched.scrape()
    assert (seen("database_up"), seen("ready"), seen("messages_turned_away_total", account=ACCOUNT)) == (0, 0, 12)
    assert (
        seen("messages_dropped_total", account=ACCOUNT),
        seen("messages_received_total", account=ACCOUNT, kind="message"),
    ) == (0, 0)
    assert not seen.families.keys() & {"gridbridge_cases", "gridbridge_inbox_waiting"}
    watched.cable.out = False
    await watched.parts.intakes[ACCOUNT].accept(batch)
    seen = await watched.scrape()
    assert (
        seen("messages_dropped_total", account=ACCOUNT),
        seen("messages_received_total", account=ACCOUNT, kind="message"),
    ) == (3, 4)
    assert sum(seen.all("messages_passed_total", "reason").values()) == 1


async def test_every_outcome_of_a_send_has_its_name(watched: Watched) -> None:
    """One result that is tried again and again: it is seen with its age since it was written, and dies in the end."""
    await put(
        watched.db,
        a_post(FIRST_GROUP, "换好了"),
        a_post(FIRST_GROUP, "明早再说", lane="b", due_at=watched.clock() + DAY),
    )
    ends: list[SendResult] = [
        Retry(9, "flood", Scope.ACCOUNT),
        Retry(9, "flood", Scope.DESTINATION),
        Retry(1, "500"),
        Unknown("timeout"),
    ]
    for end in ends:
        watched.channel.end(end, Retry(1, "500"))
        await watched.deliver()
        seen = await watched.scrape()
        assert seen.all("outbox_posts", "state", priority="result") == {"retrying": 1, "held": 1}
        watched.clock.move(60)
        watched.channel._endings.clear()
    watched.channel.end(Dead("too long"))
    assert (await watched.scrape()).all("outbox_age_seconds", "state") == {"retrying": 240}
    await watched.deliver()
    seen = await watched.scrape()
    once = {"retry_account": 1, "retry_destination": 1, "retry_row": 1, "retry_unknown": 1, "dead": 1}
    assert seen.all("sends_total", "outcome") == once
    assert seen.all("dead_letters", "queue") == {"outbox": 1}


async def test_a_row_that_cannot_be_handled_is_seen(watched: Watched) -> None:
    """Two tries that failed and a last one; meanwhile the queue has an age."""
    await watched.hear("g1", "li", LAMP)
    await watched.db.run(lambda conn: conn.execute(update(inbox).values(body={"poison": True})))
    watched.clock.move(5)
    waiting = await watched.scrape()
    assert (waiting("inbox_waiting"), waiting("inbox_lag_seconds")) == (1, 5)
    for _ in range(3):
        await watched.dispatch()
        watched.clock.move(6)
    seen = await watched.scrape()
    assert seen.all("dispatch_rows_total", "outcome") == {"failed": 2, "dead": 1}
    assert seen.all("dead_letters", "queue") == {"inbox": 1}


async def test_reminders_and_what_is_overdue(watched: Watched) -> None:
    """An ordinary case gets yellow and red, once each although two are told; it is overdue until somebody accepts it."""
    await watched.db.run(a_second_worker)
    await watched.hear("g1", "li", LAMP)
    await watched.dispatch()
    for _ in range(2 * 24 * 4):
        watched.clock.move(3600)
        await watched.parts.remind()
        seen = await watched.scrape()
        if seen("reminders_total", kind="overdue_red"):
            break
    assert seen.all("reminders_total", "kind") == {"overdue_yellow": 1, "overdue_red": 1}
    await watched.deliver()
    assert watched.channel.posts("p:limei")
    assert watched.channel.posts("p:zhangqiang")
    watched.clock.move(1)
    assert (await watched.scrape()).all("cases_overdue", "clock") == {"accept": 1}
    await watched.hear("s1", "limei", "确认 1")
    await watched.dispatch()
    seen = await watched.scrape()
    assert seen.all("cases_overdue", "clock") == {}
    assert seen.all("cases", "state") == {"accepted": 1}


def a_second_worker(conn: Connection) -> None:
    other = people.add_person(conn, name="张强", now=START)
    people.add_identity(conn, "paper", "zhangqiang", other)
    people.grant(conn, other, "grid_worker", area_id=1)


async def test_an_emergency_nobody_takes(watched: Watched) -> None:
    """Unaccepted from the start, unanswered once all three rounds have gone out; taken, it is neither."""
    await watched.hear("g1", "li", "3号楼着火了，快来人啊")
    await watched.dispatch()
    seen = await watched.scrape()
    assert (seen("emergencies_unaccepted"), seen("emergencies_unanswered")) == (1, 0)
    for _ in range(4 * 6):
        watched.clock.move(60)
        await watched.parts.remind()
        await watched.deliver()
        seen = await watched.scrape()
        rounds = seen("reminders_total", kind="round")
        assert seen("emergencies_unanswered") == (rounds >= 3)
    assert seen.all("reminders_total", "kind") == {"round": 3, "phones": 1}
    await watched.hear("s1", "limei", "确认 1")
    await watched.dispatch()
    seen = await watched.scrape()
    assert (seen("emergencies_unaccepted"), seen("emergencies_unanswered")) == (0, 0)


async def test_no_label_tells_of_anybody(watched: Watched) -> None:
    """Values of labels are the account and words of the program, whatever was said where by whom."""
    await the_story(watched)
    await watched.hear("p:li", "li", "我的电话13800138000，李大爷家漏水了", name="李大爷")
    await watched.dispatch()
    seen = await watched.scrape()
    values = {value for _, labels in seen.samples for _, value in labels}
    words = {
        value
        for value in values - {ACCOUNT}
        if not value.replace(".", "").replace("+Inf", "").isdigit() and value != "+Inf"
    }
    assert {"message", "anchor", "sent", "closed"} <= words
    assert all(
        word.isascii() and word.replace("_", "").replace(".", "").replace(":", "").isalnum() for word in words
    ), words
    assert not {"g1", "g2", "s1", "li", "limei", "p:li", "13800138000"} & values


async def test_a_process_tells_of_its_own_parts_only(watched: Watched) -> None:
    """Where another process has the channels or the clock nothing is said of them; the queues are everybody's."""
    clock_only = Monitor(watched.parts, {ACCOUNT: watched.channel}, ("schedule",), fresh=0)
    seen = Scraped(exposition(await clock_only.snapshot()).decode())
    mine = {"gridbridge_reminders", "gridbridge_inbox_waiting", "gridbridge_cases", "gridbridge_ready"}
    assert mine <= seen.families.keys()
    assert (
        not {"gridbridge_channel_state", "gridbridge_messages_dropped", "gridbridge_dispatch_rows"}
        & seen.families.keys()
    )
