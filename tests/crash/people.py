"""Who lives in the town: residents who report and chat, workers who answer cards, each as slow as he is.

They see what stands in their rooms and nothing else, so that what they were told can be held against what was done.
"""

from __future__ import annotations

import itertools
import random
import re
from dataclasses import dataclass, field

from tests.crash.pigeon.platform import Platform
from tests.crash.pigeon.wire import Delivery, Update
from tests.crash.town import Quarter

LAMP, FIRE = "前的路灯坏了，没人修", "着火了，快来人"
CHATTER = ("早上好", "谢谢大家", "今天菜市场的西红柿真便宜", "收到", "👍", "孩子放学了吗", "哈哈哈")
_CARD = re.compile(r"№(\d+).*?地点 (\d+)号楼", re.DOTALL)


@dataclass(eq=False)
class Matter:
    """A trouble at a building nobody else reports. `wish`: how far its worker will take it."""

    building: int
    quarter: Quarter
    group: str
    said: Update
    wish: str  # nothing | accepted | closed
    number: int | None = None
    card: str | None = None  # the message that shows it to staff
    parked: bool = False  # it was set aside for a while: others were handled before it, as they should be
    pressed: bool = False
    told_done: bool = False


@dataclass(eq=False)
class People:
    """`step` lets somebody do something; `finish` lets the workers do what is left to do."""

    platform: Platform
    town: tuple[Quarter, ...]
    dice: random.Random
    matters: dict[int, Matter] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._buildings = itertools.count(11)
        self._burning: set[str] = set()
        self.platform.heard = self.hear

    # -- what they see

    def hear(self, post: Delivery) -> None:
        shown = _CARD.search(post.text)
        if shown is None or (matter := self.matters.get(int(shown[2]))) is None:
            return
        if post.chat == matter.quarter.staff and matter.number is None:
            matter.number = int(shown[1])
            matter.card = post.message

    # -- what they do

    def step(self) -> None:
        """A report, some chatter, or a worker's word."""
        choice = self.dice.random()
        if choice < 0.3:
            self.report()
        elif choice < 0.35:
            self.correct()
        elif choice < 0.37:
            self.alarm()
        elif choice < 0.6:
            quarter = self.dice.choice(self.town)
            self.platform.say(quarter.account, self.dice.choice(quarter.groups), f"r{self.dice.randrange(40)}",
                              self.dice.choice(CHATTER))  # fmt: skip
        else:
            self.work()

    def alarm(self) -> None:
        """The first time a group has one, there is a fire; nobody answers, so the calls go up the ladder."""
        quarter = self.dice.choice(self.town)
        group = self.dice.choice(quarter.groups)
        if group not in self._burning:
            self._burning.add(group)
            self.report(quarter, "nothing", FIRE, group)

    def report(self, quarter: Quarter | None = None, wish: str = "", trouble: str = LAMP, group: str = "") -> Matter:
        building, quarter = next(self._buildings), quarter or self.dice.choice(self.town)
        group = group or self.dice.choice(quarter.groups)
        said = self.platform.say(quarter.account, group, f"resident-{building}", f"{building}号楼{trouble}")
        wish = wish or self.dice.choices(("nothing", "accepted", "closed"), (2, 2, 6))[0]
        matter = Matter(building, quarter, group, said, wish)
        self.matters[building] = matter
        return matter

    def correct(self) -> None:
        """A resident edits what he has said."""
        if self.matters:
            matter = self.dice.choice(list(self.matters.values()))
            self.platform.edit(matter.quarter.account, matter.said, f"{matter.said.text}，天黑看不见")

    def work(self) -> bool:
        """One thing a worker still has to do; False: there is none that he can do now."""
        ready = [matter for matter in self.matters.values() if self._can(matter)]
        if not ready:
            return False
        self._act(self.dice.choice(ready))
        return True

    def finish(self) -> int:
        """All that can be done now; how much it was."""
        ready = [matter for matter in self.matters.values() if self._can(matter)]
        for matter in ready:
            self._act(matter)
        return len(ready)

    @staticmethod
    def _can(matter: Matter) -> bool:
        if matter.card is None or matter.wish == "nothing":
            return False
        return not matter.pressed or (matter.wish == "closed" and not matter.told_done)

    def _act(self, matter: Matter) -> None:
        quarter, number = matter.quarter, matter.number
        assert number is not None
        assert matter.card is not None
        account, staff, worker = quarter.account, quarter.staff, quarter.worker
        if matter.pressed:
            matter.told_done = True
            self.platform.say(account, staff, worker, "好了，换了新灯", reply_to=matter.card, reply_to_bot=True,
                              reply_text=self.platform.text_of(staff, matter.card))  # fmt: skip
        elif self.dice.random() < 0.5:
            matter.pressed = True
            self.platform.press(account, staff, worker, matter.card, f"accept:{number}:1")
        else:
            matter.pressed = True
            self.platform.say(account, staff, worker, f"确认 {number}")
