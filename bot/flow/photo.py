"""A stranger's bytes into a picture that is safe to keep: checked by content, upright, stripped, of bounded size.

Pure, but slow (up to two seconds for the largest) and hungry (some 250 MB): the caller runs it in a thread, few at a
time.
"""

from __future__ import annotations

import hashlib
import io
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from bot.errors import MediaRefused
from bot.model import Location

_QUALITY = 88  # looks the same after the second pass, when a channel has already done the first
_UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError, struct.error)
"""What Pillow's decoders are seen to raise on broken files."""
MOST_SCANS = 100  # a camera writes one, a programme for the web about ten
_MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """`side`: pixels the longest side is reduced to. `whole_pixels`: of what cannot be decoded smaller than it is.

    A file of a few kilobytes unfolds to four bytes for each of its pixels, however little is in it.
    """

    max_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 40_000_000
    whole_pixels: int = 20_000_000
    side: int = 2560


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """`blob` is the SHA-256 of `data`; `location` is where it was taken, no longer part of `data`."""

    blob: str
    mime: str
    width: int
    height: int
    data: bytes = field(repr=False)
    location: Location | None = None


def check_photo(data: bytes, limits: PhotoLimits) -> CheckedPhoto:
    """Raises MediaRefused with a sentence for the sender. A bomb is refused by its header, before any decoding."""
    if len(data) > limits.max_bytes:
        raise MediaRefused(f"照片太大了，最多{limits.max_bytes // (1024 * 1024)}MB，请压缩后再发")
    image = _open(data, _kind(data), limits)
    try:
        image.draft("RGB", (limits.side, limits.side))  # a JPEG is decoded at a half or a quarter where that is enough
        image.load()
        location = _location(image)
        plain = _on_white(_smaller(image, limits.side))
        ImageOps.exif_transpose(plain, in_place=True)
    except (*_UNREADABLE, Image.DecompressionBombError) as error:
        raise MediaRefused("这张照片不完整，打不开，请重新发一次") from error
    encoded = _encode(plain)
    return CheckedPhoto(hashlib.sha256(encoded).hexdigest(), "image/jpeg", plain.width, plain.height, encoded, location)


def _kind(data: bytes) -> str:
    """The format its first bytes claim; names and MIME types of senders are not believed."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        raise MediaRefused("这种照片格式（HEIC）还打不开，请截个图再发，或在手机相机设置里选“兼容性最佳”")
    raise MediaRefused("这不是照片，请发 JPG、PNG、WebP 或 GIF 格式的图片")


def _open(data: bytes, kind: str, limits: PhotoLimits) -> Image.Image:
    """Reads the header only."""
    if kind == "JPEG" and _scans(data) > MOST_SCANS:
        raise MediaRefused("这张照片不完整，打不开，请重新发一次")
    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaRefused(_too_many_pixels(limits.max_pixels)) from error
    except (UnidentifiedImageError, *_UNREADABLE) as error:
        raise MediaRefused("这张照片不完整，打不开，请重新发一次") from error
    most = limits.max_pixels if kind == "JPEG" else min(limits.max_pixels, limits.whole_pixels)
    if image.width * image.height > most:
        raise MediaRefused(_too_many_pixels(most))
    return image


def _too_many_pixels(most: int) -> str:
    return f"照片尺寸太大了，最多{most // 10_000}万像素，请缩小后再发"


def _scans(data: bytes) -> int:
    """How often a JPEG is gone over from top to bottom: a few bytes can ask for one more time."""
    at = scans = 0
    while scans <= MOST_SCANS and (found := _MARKER.search(data, at)) and found[1] != b"\xd9":
        scans += found[1] == b"\xda"
        length = 0 if found[1] == b"\xd8" else int.from_bytes(data[found.end() : found.end() + 2], "big")
        at = found.end() + length
    return scans


def _smaller(image: Image.Image, side: int) -> Image.Image:
    """At once, so that the copies which follow are small ones."""
    if image.mode in ("1", "P", "PA"):  # cannot be reduced well as they are
        see_through = "transparency" in image.info or image.mode == "PA"
        image = image.convert("RGBA" if see_through else "L" if image.mode == "1" else "RGB")
    if not image.mode.startswith("I"):
        image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return image


def _on_white(image: Image.Image) -> Image.Image:
    """RGB; what was transparent becomes white, as people see it in a chat."""
    if image.mode.startswith("I"):  # 16 bits a pixel, as scanners write it
        image = image.convert("F").point(lambda value: value / 256).convert("L")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image if image.mode == "RGB" else image.convert("RGB")
    coloured = image.convert("RGBA")
    white = Image.new("RGBA", coloured.size, "white")
    return Image.alpha_composite(white, coloured).convert("RGB")


def _encode(image: Image.Image) -> bytes:
    """A new file out of the pixels alone: whatever EXIF, XMP, ICC or trailing bytes there were are gone."""
    out = io.BytesIO()
    clean = Image.frombytes("RGB", image.size, image.tobytes())
    clean.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue()


def _location(image: Image.Image) -> Location | None:
    """Where the camera says it was; a broken or empty tag is no reason to refuse the photo."""
    try:
        gps = image.getexif().get_ifd(ExifTags.IFD.GPSInfo)
        lat = _degrees(gps, ExifTags.GPS.GPSLatitude, ExifTags.GPS.GPSLatitudeRef, "S")
        lon = _degrees(gps, ExifTags.GPS.GPSLongitude, ExifTags.GPS.GPSLongitudeRef, "W")
    except (*_UNREADABLE, TypeError, ZeroDivisionError, AttributeError):
        return None
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180) or (lat == lon == 0):
        return None
    return Location(lat, lon)


def _degrees(gps: Mapping[int, Any], tag: int, reference: int, negative: str) -> float:
    degrees, minutes, seconds = (float(part) for part in gps[tag])
    value = degrees + minutes / 60 + seconds / 3600
    return round(-value if str(gps.get(reference, "")).upper().startswith(negative) else value, 6)
