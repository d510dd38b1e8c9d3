"""Whole numbers on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def whole(least: int, most: int, *, what: str = "", more: str = "") -> Callable[[str], int]:
    """For `type=` of an argument. `what` it is, and what to do for `more` than the most, are told in the refusal."""

    def read(text: str) -> int:
        short = len(text) <= len(str(most)) + 3  # a few noughts in front; Python refuses thousands of digits
        number = int(text) if short and text.isascii() and text.isdigit() else least - 1
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"{what}应在 {least} 到 {most} 之间，现在是 {text}{more}")
        return number

    return read
