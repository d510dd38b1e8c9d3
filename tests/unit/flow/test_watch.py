"""An operator hears once that a platform is away, and once that it is back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.flow.watch import News, Watch
from bot.ports import ChannelState
from tests.fakes.paper import START

UP, CONNECTING, FAILED, STOPPED = (
    ChannelState.UP,
    ChannelState.CONNECTING,
    ChannelState.FAILED,
    ChannelState.STOPPED,
)


def heard(*spells: tuple[ChannelState, int]) -> list[News]:
    """`spells`: a state and for how many seconds it was so; it is looked at once a second."""
    watch = Watch()
    seconds = [state for state, length in spells for _ in range(length)]
    looks = [watch.look(state, START + timedelta(seconds=second)) for second, state in enumerate(seconds)]
    return [news for news in looks if news is not None]


@pytest.mark.parametrize(
    ("spells", "news"),
    [
        ([(UP, 600)], []),
        ([(STOPPED, 3), (CONNECTING, 4), (UP, 600)], []),  # a start
        ([(UP, 60), (CONNECTING, 3), (UP, 60), (CONNECTING, 3), (UP, 60)], []),  # hiccups
        ([(UP, 60), (CONNECTING, 3600)], [News.AWAY]),
        ([(CONNECTING, 3600), (UP, 60)], [News.AWAY, News.BACK]),
        ([(UP, 9), (FAILED, 3600), (UP, 60), (FAILED, 9), (UP, 60)], [News.AWAY, News.BACK] * 2),
        ([(UP, 9), *[(CONNECTING, 2), (UP, 2)] * 50, (UP, 60)], [News.AWAY, News.BACK]),  # comes and goes
    ],
)
def test_what_is_heard(spells: Sequence[tuple[ChannelState, int]], news: list[News]) -> None:
    assert heard(*spells) == news
