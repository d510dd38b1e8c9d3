"""What strangers write, fit to be shown: nothing that controls, hides or turns round, of bounded length. Pure.

A card, a list and a log line put people's words beside our own. Characters that hide, reverse or pile up would make
these say something else, so they are taken out once, on the way in.
"""

from __future__ import annotations

import re
from typing import Final

CUT: Final = "……（太长，后面的没收）"
NAME: Final = 40  # characters
_SLACK: Final = 4  # times the length that is looked at, of a text that is mostly rubbish

_BREAKS: Final = "\r\n|[\r\x0b\x0c\x85\u2028\u2029]"
# Controls, halves of characters, and what Unicode calls format: soft hyphens, bidi marks and overrides, zero widths
# (the joiner of emoji apart), tags, and what is no character at all.
_HIDDEN: Final = (
    "\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\ufffe\uffff\U000110bd\U000110cd\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_EMOJI: Final = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER: Final = f"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
_MARK: Final = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_PILE: Final = re.compile(f"([{_MARK}]{{2}})[{_MARK}]+")  # two accents are Vietnamese, ten are a pile
_SUSPECT: Final = re.compile(f"[\t\r\x0b\x0c\u2028\u2029\u200d{_HIDDEN}{_MARK}]|\n{{3}}")
_LINE_BREAK: Final = re.compile(_BREAKS)
_OUT: Final = re.compile(f"[{_HIDDEN}]")
_LONE_JOINER: Final = re.compile(_JOINER)
_GAPS: Final = re.compile(r"\n(?:[^\S\n]*\n){2,}")


def clean(text: str, most: int) -> str:
    """The text as it may be shown, at most `most` characters; one that was cut says so. Twice is the same as once."""
    looked_at = text[: most * _SLACK]
    shown = _stripped(looked_at) if _SUSPECT.search(looked_at) else looked_at
    if len(shown) <= most and len(looked_at) == len(text):
        return shown
    return shown if shown.endswith(CUT) and len(shown) <= most else _end(shown[: most - len(CUT)]) + CUT


def clean_line(text: str, most: int = NAME) -> str:
    """A name or title: one line, single spaces, cut without a word about it."""
    return _end(" ".join(_stripped(text[: most * _SLACK]).split())[:most]).strip()


def _stripped(text: str) -> str:
    text = _OUT.sub("", _LINE_BREAK.sub("\n", text).replace("\t", " "))
    return _GAPS.sub("\n\n", _PILE.sub(r"\1", _LONE_JOINER.sub("", text)))


def _end(text: str) -> str:
    """What was cut inside an emoji does not end with its joiner."""
    return text.rstrip("\u200d")
