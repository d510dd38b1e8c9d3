"""Photos of strangers: what is refused, and that nothing but pixels is left of the rest."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, PngImagePlugin

from bot.errors import MediaRefused
from bot.flow.photo import PhotoLimits, check_photo

LIMITS = PhotoLimits()


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red" if mode in {"RGB", "RGBA", "P"} else 0).save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def gps_exif(lat: tuple[float, float, float], lon: tuple[float, float, float], ref: str = "NE") -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "PhoneMaker"
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = ref[0], lat
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = ref[1], lon
    return exif


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_common_format_is_taken_and_kept_as_jpeg(kind: str) -> None:
    """The hash is of the bytes that are kept, whatever came in."""
    photo = check_photo(picture(kind), LIMITS)
    assert (photo.mime, photo.width, photo.height) == ("image/jpeg", 64, 48)
    assert photo.blob == hashlib.sha256(photo.data).hexdigest()
    assert opened(photo.data).format == "JPEG"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16"])
def test_unusual_pixel_formats_are_taken(mode: str) -> None:
    """Screenshots, scans and stickers come in all of them."""
    out = io.BytesIO()
    Image.new(mode, (20, 10)).save(out, "PNG")
    assert opened(check_photo(out.getvalue(), LIMITS).data).mode == "RGB"


def test_a_printers_jpeg_is_taken() -> None:
    """CMYK comes from scanners and print shops."""
    assert opened(check_photo(picture(mode="CMYK"), LIMITS).data).mode == "RGB"


def test_transparency_becomes_white() -> None:
    """A transparent sticker would be black as JPEG."""
    out = io.BytesIO()
    Image.new("RGBA", (16, 16), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(check_photo(out.getvalue(), LIMITS).data).getpixel((8, 8)) == (255, 255, 255)


def test_only_the_first_frame_of_an_animation_is_kept() -> None:
    """A report is a still picture."""
    out = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = opened(check_photo(out.getvalue(), LIMITS).data).getpixel((8, 8))  # type: ignore[misc]
    assert red > 200
    assert blue < 50


def test_gps_is_returned_and_no_metadata_is_left_in_the_file() -> None:
    """The place helps the report; in the file it would tell every member of the group where someone lives."""
    out = io.BytesIO()
    exif = gps_exif((35.0, 54.0, 36.0), (117.0, 46.0, 12.0))
    Image.new("RGB", (40, 30)).save(out, "JPEG", exif=exif, icc_profile=b"profile", comment=b"secret note")
    photo = check_photo(out.getvalue() + b"trailing secret", LIMITS)
    assert photo.location is not None
    assert (photo.location.lat, photo.location.lon) == (35.91, 117.77)
    kept = opened(photo.data)
    assert not kept.getexif()
    assert not {"exif", "icc_profile", "comment", "xmp"} & set(kept.info)
    assert b"PhoneMaker" not in photo.data
    assert b"secret" not in photo.data


def test_southern_and_western_places_are_negative() -> None:
    """The reference letters carry the sign."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=gps_exif((10.0, 0.0, 0.0), (20.0, 30.0, 0.0), "SW"))
    location = check_photo(out.getvalue(), LIMITS).location
    assert location is not None
    assert (location.lat, location.lon) == (-10.0, -20.5)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)), ((99.0, 0.0, 0.0), (20.0, 0.0, 0.0))],
    ids=["empty", "out of range"],
)
def test_an_impossible_place_is_no_place(lat: tuple[float, float, float], lon: tuple[float, float, float]) -> None:
    """Cameras without a fix write zeros; the photo is taken all the same."""
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=gps_exif(lat, lon))
    assert check_photo(out.getvalue(), LIMITS).location is None


def test_text_and_xmp_of_a_png_are_gone() -> None:
    """PNG hides its metadata in text chunks."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret note")
    info.add_itxt("XML:com.adobe.xmp", "<x>secret</x>")
    assert b"secret" not in check_photo(picture("PNG", pnginfo=info), LIMITS).data


def test_a_photo_taken_sideways_is_turned_upright() -> None:
    """Orientation 6: the phone was held upright; without the tag it would lie on its side for ever."""
    image = Image.new("RGB", (60, 30), "red")
    image.paste("blue", (0, 0, 30, 30))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif)
    photo = check_photo(out.getvalue(), LIMITS)
    assert (photo.width, photo.height) == (30, 60)
    red, _, blue = opened(photo.data).getpixel((15, 5))  # type: ignore[misc]
    assert blue > 200
    assert red < 50


def test_the_longest_side_is_reduced_and_small_ones_are_not_enlarged() -> None:
    """2560 pixels show every crack in a road and keep the disk small."""
    large = check_photo(picture(size=(4000, 1000)), LIMITS)
    assert (large.width, large.height) == (2560, 640)
    assert check_photo(picture(size=(30, 20)), LIMITS).width == 30


def test_a_bomb_is_refused_by_its_header() -> None:
    """50,000 x 50,000 pixels in a file of a few hundred bytes: nothing of it may be decoded."""
    for size in ((50_000, 50_000), (12_000, 9_000), (7_000, 7_000)):
        with pytest.raises(MediaRefused, match=r"[24]000万像素"):
            check_photo(png_header(*size), LIMITS)


def test_too_many_bytes_are_refused() -> None:
    """The sentence says how many are allowed."""
    with pytest.raises(MediaRefused, match="10MB"):
        check_photo(picture() + b"\0" * LIMITS.max_bytes, LIMITS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_cut_short_is_refused(kind: str) -> None:
    """A grey half picture would be kept for ever."""
    out = io.BytesIO()
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    noise.save(out, kind)
    with pytest.raises(MediaRefused, match="不完整"):
        check_photo(out.getvalue()[: len(out.getvalue()) // 2], LIMITS)


def test_heic_gets_a_sentence_of_its_own() -> None:
    """It is what iPhones write, and the remedy is in the sentence."""
    with pytest.raises(MediaRefused, match="HEIC"):
        check_photo(b"\0\0\0\x18ftypheic" + b"\0" * 100, LIMITS)


@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.4", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"MZ\x90\0", b"II*\0" + b"\0" * 50],
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    """The first bytes decide, not the name."""
    with pytest.raises(MediaRefused, match="不是照片"):
        check_photo(data, LIMITS)


@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, 900), junk=st.binary(max_size=60), kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]))
def test_damage_is_refused_or_survived_but_never_an_accident(cut: int, junk: bytes, kind: str) -> None:
    """Whatever bytes come, the answer is a photo or a sentence."""
    whole = picture(kind)
    data = whole[: min(cut, len(whole))] + junk + whole[min(cut, len(whole)) + len(junk) :]
    try:
        check_photo(data, LIMITS)
    except MediaRefused as refused:
        sentence = str(refused)
    else:
        sentence = "taken"
    assert sentence


def test_a_jpeg_of_thousands_of_scans_is_refused() -> None:
    """A few bytes each, and each goes over all pixels again: minutes of work in a small file."""
    data = picture(progressive=True)
    last = data.rindex(b"\xff\xda")
    many = data[:-2] + data[last:-2] * 500 + data[-2:]
    with pytest.raises(MediaRefused, match="不完整"):
        check_photo(many, LIMITS)
    assert check_photo(data + b"\xff\xda\x00\x02" * 500, LIMITS).width == 64, "what lies behind its end is not read"
