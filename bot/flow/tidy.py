"""An event of a platform as it goes on: words fit to be shown, no more of anything than a person sends. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.cleantext import clean, clean_line
from bot.model import Inbound, InboundKind, Sender

TITLE = 100  # characters of a place or a group's name
MOST_FILES = 12  # of one message; no platform's page lets anybody choose more
WORDS = frozenset({InboundKind.MESSAGE, InboundKind.EDIT})


def tidied(inbound: Inbound, most: int) -> Inbound:
    """`most`: characters of a text; ids and the data of buttons are the platform's and stay as they are."""
    whole = replace(
        inbound,
        sender=_named(inbound.sender),
        text=_text(inbound, most),
        attachments=inbound.attachments[:MOST_FILES],
        location=inbound.location and replace(inbound.location, title=clean_line(inbound.location.title, TITLE)),
    )
    return inbound if whole == inbound else whole


def _named(sender: Sender) -> Sender:
    name = clean_line(sender.name)
    return sender if name == sender.name else replace(sender, name=name)


def _text(inbound: Inbound, most: int) -> str:
    if inbound.kind in WORDS:
        return clean(inbound.text, most)
    return clean_line(inbound.text, TITLE) if inbound.kind is InboundKind.JOINED else inbound.text
