"""Who gets in, and what nobody else gets to see."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta

import pytest
from aiohttp import ClientSession, CookieJar, FormData, WSServerHandshakeError
from PIL import ExifTags, Image

from bot.channels.webchat import connection
from bot.channels.webchat.session import Sessions
from storage.room_log import RoomLog
from tests.fakes.webtown import PEOPLE, ROOM, SECRET, Page, Town


def photo(colour: str = "red", *, located: bool = False) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    if located:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", (36.0, 12.0, 0.0)
        gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", (117.0, 30.0, 0.0)
    Image.new("RGB", (60, 40), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_an_invite_is_exchanged_once(town: Town) -> None:
    """Looking at it (link previews do) uses nothing up; the first who presses the button is in, the second is not."""
    path = await town.channel.invite("li")
    async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as session:
        for _ in range(3):
            async with session.get(town.url + path) as answer:
                assert answer.status == 200
                assert "进入" in await answer.text()
        answers = await asyncio.gather(*(session.post(town.url + path, allow_redirects=False) for _ in range(5)))
        assert sorted(answer.status for answer in answers) == [303, 410, 410, 410, 410]
        for answer in answers:
            answer.release()
        async with session.get(town.url + path) as answer:
            assert answer.status == 410
            assert "用过" in await answer.text()


async def test_an_invite_ends_after_a_day(town: Town) -> None:
    """And one that was given for longer lasts longer."""
    short, long = await town.channel.invite("li"), await town.channel.invite("li", hours=48)
    town.clock.ahead = timedelta(hours=24, minutes=1)
    page = Page(town.url)
    async with page.session.post(town.url + short) as answer:
        assert answer.status == 410
    await page.use(long)
    await page.close()


async def test_an_invite_pasted_into_a_group_is_burned(town: Town) -> None:
    """Everybody there could use it; in private with the bot it stays good."""
    li = await town.page("li")
    shown, private, edited = [await town.channel.invite("zhao") for _ in range(3)]
    await li.said(f"谁来点一下 {town.url}{shown} 谢谢")
    await li.said(f"{town.url}{private}", room="p-li")
    n = await li.said("等下发链接")
    await li.act("edit", n, text=f"{town.url}{edited}")
    async with ClientSession() as session:
        for path, status in ((shown, 410), (private, 200), (edited, 410)):
            async with session.get(town.url + path) as answer:
                assert answer.status == status


async def test_guessing_is_stopped_after_five_tries(town: Town) -> None:
    """For ten minutes, and for that address only: whoever sits behind the proxy besides gets in."""
    good = await town.channel.invite("li")
    async with ClientSession() as session:
        guesser = {"X-Forwarded-For": "203.0.113.9"}
        for i in range(5):
            async with session.get(f"{town.url}/chat/i/guess-number-{i}-0123456789", headers=guesser) as answer:
                assert answer.status == 410
        for path in ("/chat/i/another-guess-0123456789", good):
            async with session.get(town.url + path, headers=guesser) as answer:
                assert answer.status == 429
        async with session.get(town.url + good, headers={"X-Forwarded-For": "203.0.113.10"}) as answer:
            assert answer.status == 200
        town.clock.ahead = timedelta(minutes=11)
        async with session.get(town.url + good, headers=guesser) as answer:
            assert answer.status == 200


async def status_of(url: str, cookie: str = "") -> int:
    headers = {"Cookie": f"gb_seat={cookie}"} if cookie else {}
    async with ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status


async def test_a_forged_or_foreign_cookie_opens_nothing(town: Town) -> None:
    """Wrong key, changed time, another's cookie, nonsense: the friendly page with 401, and no socket."""
    li, zhao = await town.enter("li"), await town.enter("zhao")
    parts = await town.channel._parts()
    member = await parts.rooms.member("li")
    assert member is not None
    real = li.cookie.removeprefix("gb_seat=")
    stamp, _, signature = real.partition(".")
    forged = [
        "",
        "x",
        "é.é",
        Sessions("another-secret-0123456789", 180).issue(member, town.clock()),
        f"{int(stamp) + 1}.{signature}",
        f"{stamp}.{signature[:-1]}{'1' if signature.endswith('0') else '0'}",
        zhao.cookie.removeprefix("gb_seat="),
    ]
    assert await status_of(li.home, real) == 200
    for cookie in forged:
        assert await status_of(li.home, cookie) == 401
        assert await status_of(li.home + "ws", cookie) in {401, 403}
    assert await status_of(f"{town.url}/chat/AAAAAAAAAAAA/", real) == 401
    town.clock.ahead = timedelta(days=181)
    assert await status_of(li.home, real) == 401


async def test_ended_sessions_close_open_pages_too(town: Town) -> None:
    """A lost phone is out at once; a new invite lets its owner in again."""
    li = await town.page("li")
    await town.channel.people.end_sessions("li")
    assert li._reader is not None
    await asyncio.wait_for(li._reader, 5)
    async with li.session.get(li.home) as answer:
        assert answer.status == 401
    again = await town.page("li")
    await again.said("换了手机")


async def test_the_cookie_is_for_this_seat_alone(town: Town) -> None:
    """HttpOnly, Lax, with the seat's path: two persons on one device do not disturb each other."""
    shared = ClientSession(cookie_jar=CookieJar(unsafe=True), headers={"Origin": town.url})
    seats = []
    for member in ("li", "wang"):
        async with shared.post(town.url + await town.channel.invite(member), allow_redirects=False) as answer:
            cookie = answer.headers["Set-Cookie"]
            seats.append(answer.headers["Location"])
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert f"Path={seats[-1]}" in cookie
    for seat in seats:
        async with shared.get(town.url + seat) as answer:
            assert answer.status == 200
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    await shared.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_another_sites_page_gets_no_socket(town: Town, origin: str) -> None:
    """The browser would send the cookie along; the origin tells."""
    li = await town.enter("li")
    with pytest.raises(WSServerHandshakeError) as refused:
        await li.session.ws_connect(li.home + "ws", headers={"Origin": origin})
    assert refused.value.status == 403
    async with li.session.post(li.home + "photo", headers={"Origin": origin}, data=b"") as answer:
        assert answer.status == 403


async def test_a_socket_must_say_where_it_comes_from(town: Town) -> None:
    """Browsers always do."""
    li = await town.enter("li")
    async with ClientSession() as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(li.home + "ws", headers={"Cookie": li.cookie})
    assert refused.value.status == 403


async def test_who_is_not_in_a_room_hears_and_sees_nothing_of_it(town: Town) -> None:
    """No messages, no history, no saying, no changing, no photo, even with every number and hash known."""
    await town.channel.ensure_member("stranger", "路人")
    wang, stranger = await town.page("wang"), await town.page("stranger")
    _, uploaded = await wang.upload(photo())
    n = await wang.said("群里的事", photos=[uploaded["photo"]])
    await wang.sees(n)
    welcome = await stranger.frame("welcome")
    assert [room["id"] for room in welcome["rooms"]] == ["p-stranger"]
    await stranger.send({"op": "history", "room": ROOM, "before": 100})
    assert "不在" in (await stranger.frame("error"))["text"]
    for op in ("edit", "recall", "press"):
        assert (await stranger.act(op, n, text="改", data="x"))["op"] == "error"
    cid = await stranger.say("我来了")
    assert (await stranger.answer(cid))["op"] == "error"
    cid = await stranger.say("看看这张", room="p-stranger", photos=[uploaded["photo"]])
    assert (await stranger.answer(cid))["op"] == "error"  # knowing the hash is no right to the photo
    assert (await stranger.photo(uploaded["photo"]))[0] == 404
    assert not stranger.messages.get(ROOM)
    assert town.bridge.said("p-stranger") == []


async def test_whom_another_process_has_taken_out_hears_no_more(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command writes to the same file; the open page learns of it before the next word is sent."""
    monkeypatch.setattr(connection, "ASK_AGAIN", 0.0)
    wang, zhao = await town.page("wang"), await town.page("zhao")
    await zhao.sees(await wang.said("都在"))
    command = await RoomLog.open(town.channel.history)
    await command.leave(ROOM, "zhao")
    await command.close()
    await wang.said("他走了")
    assert zhao._reader is not None
    await asyncio.wait_for(zhao._reader, 5)
    assert "他走了" not in zhao.texts()
    welcome = await zhao.connect()
    assert [room["id"] for room in welcome["rooms"]] == ["p-zhao"]


async def test_who_has_left_a_room_is_out(town: Town) -> None:
    """His page starts anew without it."""
    zhao = await town.page("zhao")
    await town.channel.people.leave(ROOM, "zhao")
    assert zhao._reader is not None
    await asyncio.wait_for(zhao._reader, 5)
    welcome = await zhao.connect()
    assert [room["id"] for room in welcome["rooms"]] == ["p-zhao"]


async def test_photos_are_seen_by_the_room_and_stripped(town: Town) -> None:
    """Before it is sent only its uploader sees it; the place goes to the bridge, not into the file."""
    li, zhao = await town.page("li"), await town.page("zhao")
    status, answer = await li.upload(photo(located=True))
    assert (status, answer["width"], answer["height"]) == (200, 60, 40)
    assert (await li.photo(answer["photo"]))[0] == 200
    assert (await zhao.photo(answer["photo"]))[0] == 404
    n = await li.said("", photos=[answer["photo"]])
    assert (await zhao.sees(n))["photos"] == [answer["photo"]]
    status, data = await zhao.photo(answer["photo"])
    assert status == 200
    assert not Image.open(io.BytesIO(data)).getexif()
    [inbound] = town.bridge.said(ROOM)
    assert inbound.location is not None
    assert (inbound.location.lat, inbound.location.lon) == (36.2, 117.5)
    [attachment] = inbound.attachments
    assert await town.channel.fetch(attachment) == data
    async with zhao.session.get(f"{zhao.home}photo/{answer['photo']}") as response:
        assert response.headers["Cache-Control"].startswith("private")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.content_type == "image/jpeg"


async def test_refused_photos_say_why(town: Town) -> None:
    """Too large, not a photo, no field at all."""
    li = await town.page("li")
    assert (await li.upload(b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024)))[0] == 413
    status, answer = await li.upload(b"%PDF-1.4 not a photo")
    assert (status, "不是照片" in answer["error"]) == (415, True)
    async with li.session.post(li.home + "photo", data=b"x", headers={"Content-Type": "text/plain"}) as bare:
        assert bare.status == 400
    async with ClientSession() as stranger, stranger.post(li.home + "photo", data=FormData({"photo": "x"})) as refused:
        assert refused.status == 401


async def test_only_files_of_the_page_are_served(town: Town) -> None:
    """With a tag, so that a phone asks only whether they changed; nothing outside the folder."""
    async with ClientSession() as session:
        async with session.get(f"{town.url}/chat/static/chat.js") as answer:
            assert (answer.status, answer.content_type) == (200, "text/javascript")
            tag = answer.headers["ETag"]
        async with session.get(f"{town.url}/chat/static/chat.js", headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304
        for name in ("index.html", "..%2Fchannel.py", "../channel.py", "%2e%2e%2fconfig.py", "nothing.js", ".css"):
            async with session.get(f"{town.url}/chat/static/{name}") as answer:
                assert answer.status in {401, 404}


async def test_nothing_secret_lies_in_the_file(town: Town) -> None:
    """Neither tokens nor the signing key."""
    path = await town.channel.invite("li")
    await town.channel._needs.open_rooms(town.folder / "other.db")  # a second history does not disturb the first
    stored = b"".join(file.read_bytes() for file in town.folder.iterdir())
    assert path.rpartition("/")[2].encode() not in stored
    assert SECRET.encode() not in stored
    assert PEOPLE["li"].encode() in stored
