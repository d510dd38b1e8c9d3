"""Which words in a residents' group are a command, told fast: nearly all that is asked about is small talk."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from bot.model import Inbound
from bot.talk.commands import Quoted, parse

# Words without which no resident's unquoted message in a group is a command (bot.talk.verbs), both scripts.
_LIKELY: Final = re.compile("[查撤]|[详詳]情|明[细細]|重[新办辦开開]|[帮幫]助|上[报報]")


def command_ear(staff: Callable[[Inbound], bool]) -> Callable[[Inbound], bool]:
    """Tell for the gate whether a message is a command; `staff(inbound)`: the sender has a role here."""

    def hears(inbound: Inbound) -> bool:
        worker = staff(inbound)
        if not worker and _LIKELY.search(inbound.text) is None:
            return False
        quoted: Quoted = "none" if inbound.reply_to is None else "other"
        return parse(inbound.text, role="worker" if worker else "resident", quoted=quoted, private=False) is not None

    return hears
