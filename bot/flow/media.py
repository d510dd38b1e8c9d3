"""Photos: fetched at once because links expire, checked, stripped, kept by the hash of their bytes."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection

from bot.errors import MediaGone, MediaRefused, NotAccepted
from bot.flow.foreign import foreign
from bot.flow.photo import CheckedPhoto, PhotoLimits, check_photo
from bot.model import Attachment, Inbound
from bot.ports import Channel
from storage import blobs

log = logging.getLogger(__name__)
FETCH_SECONDS = 10.0
HELD = 4  # files of unknown content at a time, of one account
DEVELOPED = 2  # at a time, of one account: each may need a quarter of a gigabyte
IN_HAND = 24  # photos that are kept in one transaction, some megabyte each


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """A message whose photos are in hand; it tells itself why others are not."""

    inbound: Inbound
    photos: tuple[CheckedPhoto, ...] = ()


class Darkroom:
    """Where photos are looked at: few at a time, however many come at once."""

    def __init__(self, limits: PhotoLimits) -> None:
        self._limits = limits
        self._hands = asyncio.Semaphore(HELD)
        self._places = asyncio.Semaphore(DEVELOPED)

    async def fetch(self, channel: Channel, attachment: Attachment) -> CheckedPhoto:
        """Raises what the channel raises, and MediaRefused."""
        async with self._hands:
            async with asyncio.timeout(FETCH_SECONDS):
                with foreign():
                    data = await channel.fetch(attachment)
            async with self._places:
                return await asyncio.to_thread(check_photo, data, self._limits)


def portions(inbounds: Sequence[Inbound]) -> Iterator[list[Inbound]]:
    """In their order, so many at a time that all their photos may be in memory; a single message always may."""
    portion: list[Inbound] = []
    photos = 0
    for inbound in inbounds:
        more = _files(inbound)
        if portion and photos + more > IN_HAND:
            yield portion
            portion, photos = [], 0
        portion.append(inbound)
        photos += more
    if portion:
        yield portion


def _files(inbound: Inbound) -> int:
    """Of one that is not made as an event should be: none that could be fetched."""
    try:
        return sum(len(piece.attachments) for piece in (inbound, *inbound.earlier))
    except (TypeError, AttributeError):
        return 0


async def fetch_all(channel: Channel, inbound: Inbound, darkroom: Darkroom) -> Fetched:
    """The photos of a message and of what was held before it. A photo that cannot be had never costs the message."""
    earlier = [await fetch_all(channel, piece, darkroom) for piece in inbound.earlier]
    own = await asyncio.gather(*(_fetch(channel, a, darkroom) for a in inbound.attachments if a.kind == "photo"))
    photos = [photo for photo in own if isinstance(photo, CheckedPhoto)]
    refused = [reason for reason in own if isinstance(reason, str)]
    found = {ref: photo for ref, photo in zip(_refs(inbound), own, strict=True) if isinstance(photo, CheckedPhoto)}
    attachments = tuple(_with_blob(a, found) for a in inbound.attachments)
    location = inbound.location or next((photo.location for photo in photos if photo.location), None)
    whole = dataclasses.replace(
        inbound,
        attachments=attachments,
        location=location,
        earlier=tuple(piece.inbound for piece in earlier),
        refused=tuple(dict.fromkeys(refused)),
    )
    return Fetched(whole, tuple(photos) + tuple(photo for piece in earlier for photo in piece.photos))


def keep(conn: Connection, fetched: Sequence[Fetched], now: datetime) -> None:
    """Store the bytes, in the transaction that stores the messages."""
    for item in fetched:
        for photo in item.photos:
            blobs.put(
                conn, hash=photo.blob, mime=photo.mime, width=photo.width, height=photo.height, data=photo.data, now=now
            )  # fmt: skip


def _refs(inbound: Inbound) -> list[str]:
    return [a.ref for a in inbound.attachments if a.kind == "photo"]


def _with_blob(attachment: Attachment, found: dict[str, CheckedPhoto]) -> Attachment:
    photo = found.get(attachment.ref)
    return dataclasses.replace(attachment, blob=photo.blob, size=len(photo.data)) if photo else attachment


async def _fetch(channel: Channel, attachment: Attachment, darkroom: Darkroom) -> CheckedPhoto | str:
    try:
        return await darkroom.fetch(channel, attachment)
    except MediaRefused as refused:
        return str(refused)
    except NotAccepted:
        raise  # the platform is ours and away for a moment: the message comes again
    except (MediaGone, TimeoutError) as gone:
        log.warning("photo not to be had", extra={"action": "media_gone", "account": channel.account, "why": str(gone)})
        return "照片没取到"
    except Exception:
        # The edge to foreign bytes: whatever a channel or a decoder does wrong, the words beside the photo count.
        log.exception("photo failed", extra={"action": "media_failed", "account": channel.account})
        return "照片没取到"
