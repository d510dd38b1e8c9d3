"""A photo for the story: a street lamp that is lit again, drawn here, so that the demo needs no file and no network."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

_SIZE = (960, 1280)
_DUSK, _HORIZON, _GROUND = (24, 34, 66), (186, 128, 96), (38, 40, 48)
_LAMP = (560, 330)


def lamp() -> bytes:
    """A JPEG; every time the same picture."""
    image = _sky()
    draw = ImageDraw.Draw(image)
    _houses(draw)
    draw.rectangle((0, 1080, 960, 1280), fill=_GROUND)
    draw.polygon([(250, 1280), (430, 1080), (560, 1080), (860, 1280)], fill=(58, 60, 68))
    image = ImageChops.screen(image, _glow())
    _post(ImageDraw.Draw(image))
    out = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=86)
    return out.getvalue()


def _sky() -> Image.Image:
    image = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(image)
    for y in range(_SIZE[1]):
        part = min(1.0, y / 1050) ** 1.6
        shade = tuple(round(a + (b - a) * part) for a, b in zip(_DUSK, _HORIZON, strict=True))
        draw.line((0, y, _SIZE[0], y), fill=shade)
    return image


def _houses(draw: ImageDraw.ImageDraw) -> None:
    dice = random.Random(3)  # noqa: S311 - which windows are lit
    for left, top, right in ((-20, 520, 250), (270, 640, 470), (700, 450, 990)):
        draw.rectangle((left, top, right, 1090), fill=(30, 32, 44))
        for x in range(left + 34, right - 40, 62):
            for y in range(top + 36, 1030, 78):
                lit = dice.random() < 0.34
                draw.rectangle((x, y, x + 30, y + 40), fill=(240, 200, 120) if lit else (44, 48, 62))


def _glow() -> Image.Image:
    light = Image.new("RGB", _SIZE)
    draw = ImageDraw.Draw(light)
    x, y = _LAMP
    draw.polygon([(x - 40, y + 20), (x + 40, y + 20), (x + 330, 1230), (x - 330, 1230)], fill=(88, 70, 34))
    for radius, shade in ((240, 26), (150, 52), (86, 96), (46, 190)):
        fill = (shade, round(shade * 0.84), round(shade * 0.5))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    draw.ellipse((x - 300, 1150, x + 300, 1262), fill=(112, 92, 50))
    return light.filter(ImageFilter.GaussianBlur(26))


def _post(draw: ImageDraw.ImageDraw) -> None:
    x, y = _LAMP
    draw.rectangle((404, 300, 420, 1190), fill=(20, 22, 26))
    draw.rectangle((388, 1170, 436, 1204), fill=(20, 22, 26))
    draw.line((412, 306, 470, 276, x, 290), fill=(20, 22, 26), width=14, joint="curve")
    draw.polygon([(x - 52, y - 12), (x + 52, y - 12), (x + 34, y - 44), (x - 34, y - 44)], fill=(20, 22, 26))
    draw.ellipse((x - 42, y - 24, x + 42, y + 24), fill=(255, 246, 214))
