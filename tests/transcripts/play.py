"""Plays a script in a world and compares what the bot does with what the script says, step by step."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Inbound, InboundKind, Post
from storage.records import CaseRow
from tests.transcripts import show
from tests.transcripts.facts import differences
from tests.transcripts.platform import PRIVATE, Message
from tests.transcripts.read import moment
from tests.transcripts.script import ANY, CaseCount, CaseIs, Posted, Ref, Say, Script, Step, Toast, Wait
from tests.transcripts.world import World

BREATH = timedelta(seconds=1)  # between two steps
News = list[tuple[Message, Post]]


class Player:
    """`step` plays one step; `compare` says what is not as the script has it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.news: News = []
        self.toasts: list[tuple[str, str]] = []
        self._before: dict[int, CaseRow | None] = {}

    async def step(self, step: Step) -> None:
        numbers = [one.number for one in step.expected if isinstance(one, CaseIs) and one.unchanged]
        self._before = {number: await self.world.case(number) for number in numbers}
        self.world.paper.news.clear()
        self.world.paper.toasts.clear()
        if len(step.acts) == 1 and isinstance(wait := step.acts[0], Wait):
            await self.world.advance(self._until(wait))
        else:
            await self.world.advance(self.world.now + BREATH)
            says = [act for act in step.acts if isinstance(act, Say)]
            await self.world.hear([event for act in says for event in self._events(act)])
        self.news = list(self.world.paper.news)
        self.toasts = [(who, text) for who, text in self.world.paper.toasts if text]

    def _until(self, wait: Wait) -> datetime:
        return moment(wait.until, self.world.now) if wait.until else self.world.now + wait.span

    # ------------------------------------------------------------ what people do

    def _events(self, act: Say) -> list[Inbound]:
        if act.many == 1:
            return [self._event(act, act.who)]
        return [self._event(act, f"住户{number:03}") for number in range(1, act.many + 1)]

    def _event(self, act: Say, who: str) -> Inbound:
        paper, at = self.world.paper, self.world.now - act.late
        chat = PRIVATE + who if act.chat == "私聊" else act.chat
        if act.kind in ("join", "leave"):
            kind = InboundKind.JOINED if act.kind == "join" else InboundKind.LEFT
            return paper.happen(kind, chat, who)
        if act.kind == "press":
            return self._press(act, chat, who)
        if act.kind == "edit" and act.target:
            message = self._meant(chat, act.target)
            message.text = act.text
            return paper.edit(self._said(message), act.text, sent_at=at)
        if act.kind == "recall" and act.target:
            return paper.recall(self._said(self._meant(chat, act.target)), sent_at=at)
        quoted = self._meant(chat, act.quote) if act.quote else None
        return paper.speak(chat, who, act.text, at=at, quoted=quoted, photos=act.photos)

    @staticmethod
    def _said(message: Message) -> Inbound:
        assert message.said is not None, "这是机器人说的"
        return message.said

    def _meant(self, chat: str, ref: Ref) -> Message:
        """The last message with these words, or the last card of this case, else the last word about it."""
        room = list(reversed(self.world.paper.rooms.get(chat, [])))
        if ref.number is None:
            found = [message for message in room if re.search(pattern(ref.words), _all_words(message), re.DOTALL)]
        else:
            about = [message for message in room if re.search(rf"№{ref.number}(?!\d)", _title(message))]
            found = [message for message in about if message.versions and message.versions[-1].card] or about
        if found:
            return found[0]
        raise AssertionError(f"{chat} 里没有 {ref}")

    def _press(self, act: Say, chat: str, who: str) -> Inbound:
        """The last message that has the button; of the named case."""
        for message in reversed(self.world.paper.rooms.get(chat, [])):
            of = act.target
            if not message.versions or (of and not re.search(rf"№{of.number}(?!\d)", _title(message))):
                continue
            version = message.versions[0 if act.old else -1]
            found = next((button for button in version.buttons if button.label == act.button), None)
            if found is not None:
                return self.world.paper.tap(message, who, found)
        raise AssertionError(f"{chat} 里没有“{act.button}”这个按钮")

    # ------------------------------------------------------------ what the bot did

    async def compare(self, step: Step) -> list[str]:
        """What is different, one line each; empty if all is as written."""
        wrong = self._posts(step) + self._toasts(step)
        for one in step.expected:
            if isinstance(one, CaseIs):
                before = self._before.get(one.number)
                wrong += await differences(self.world, one, before)
            elif isinstance(one, CaseCount) and (count := await self.world.case_count()) != one.count:
                wrong.append(f"事件 共 {count} 件")
        return wrong

    def _posts(self, step: Step) -> list[str]:
        """Every new message must be expected, in the order of its chat; edits only where the script speaks of them."""
        wrong: list[str] = []
        for chat, (posted, wanted) in self._by_chat(step).items():
            fresh = [(m, p) for m, p in posted if p is m.versions[0]]
            said = [one for one in wanted if one.kind != "edit"]
            matched = len(fresh) == len(said) and all(
                self._is(m, p, one) for (m, p), one in zip(fresh, said, strict=True)
            )
            edits = [(m, p) for m, p in posted if p is not m.versions[0]]
            changes = [one for one in wanted if one.kind == "edit"]
            if not matched or not all(any(self._is(m, p, one) for m, p in edits) for one in changes):
                wrong.append(f"在 {chat} 说的不一样")
        return wrong

    def _by_chat(self, step: Step) -> dict[str, tuple[News, list[Posted]]]:
        found: dict[str, tuple[News, list[Posted]]] = defaultdict(lambda: ([], []))
        for message, post in self.news:
            found[show.name_of(message.chat)][0].append((message, post))
        for one in step.expected:
            if isinstance(one, Posted):
                found[one.chat][1].append(one)
        return found

    def _is(self, message: Message, post: Post, one: Posted) -> bool:
        """A quote in a residents' group must be written down; elsewhere it is checked where it is."""
        kind = "edit" if post is not message.versions[0] else "card" if post.card else "text"
        quoted = self.world.paper.find(message.chat, post.quote) if post.quote else None
        in_group = self.world.cast.chats.get(message.chat, ("",))[0] == "居民群"
        if one.quote is None:
            quote = quoted is None or not in_group
        else:
            quote = quoted is not None and re.search(pattern(one.quote), _all_words(quoted), re.DOTALL) is not None
        return (
            kind == one.kind
            and len(post.photos) == one.photos
            and quote
            and re.fullmatch(pattern(one.text), show.title_of(post), re.DOTALL) is not None
            and all(_has(post, part) for part in one.parts)
        )

    def _toasts(self, step: Step) -> list[str]:
        wanted = [one for one in step.expected if isinstance(one, Toast)]
        same = len(wanted) == len(self.toasts) and all(
            who == one.who and re.fullmatch(pattern(one.text), text, re.DOTALL)
            for (who, text), one in zip(self.toasts, wanted, strict=True)
        )
        return [] if same else ["点按钮的人看到的不一样"]


def pattern(text: str) -> str:
    """… stands for anything, a line end included."""
    return re.escape(text).replace(ANY, ".*")


def _has(post: Post, part: str) -> bool:
    """One of the card's lines; 「没有 原话」: none of them begins so."""
    found = show.parts_of(post)
    if part.startswith("没有 "):
        return not any(line.startswith(part.removeprefix("没有 ")) for line in found)
    return any(re.fullmatch(pattern(part), line, re.DOTALL) for line in found)


def _title(message: Message) -> str:
    return "\n".join(show.title_of(post) for post in message.versions)


def _all_words(message: Message) -> str:
    return "\n".join([message.text, _title(message)]) + ("照片" if message.photos else "")


async def play(script: Script, world: World) -> str:
    """An empty text if the bot does what the script says, else a report of the first step where it does not."""
    player = Player(world)
    for step in script.steps:
        await player.step(step)
        if wrong := await player.compare(step):
            return _report(player, step, wrong)
    return ""


def _report(player: Player, step: Step, wrong: Sequence[str]) -> str:
    did = show.told(player.world.paper, player.news, player.toasts)
    written = "\n".join("  " + one.replace("\n", show.NEXT_LINE) for one in step.written)
    return "\n".join([f"第 {step.line} 行：", *wrong, "机器人做的：", did, "稿子里写的：", written])
