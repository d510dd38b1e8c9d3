"""Where tables for people go: the terminal as wide as it is, a file or another program wide enough for any of them."""

from __future__ import annotations

import sys

from rich.console import Console

_PLAIN_WIDTH = 160  # columns where the output is no terminal


def screen() -> Console:
    """Numbers and quotes stay uncoloured: what is printed is mostly what somebody wrote."""
    return Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH, highlight=False)
