"""Reads Telegram Desktop's export of a group (result.json), or of a whole account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.cli.replay.conversation import Conversation, Person, Said
from bot.errors import GridbridgeError

_GROUPS = frozenset({"private_group", "private_supergroup", "public_supergroup"})


def looks_like_telegram(body: Any) -> bool:
    return isinstance(body, dict) and (_is_chat(body) or isinstance(_chats(body), list))


def read_telegram(body: Mapping[str, Any], name: str, zone: ZoneInfo) -> Iterator[Conversation]:
    """Each group that has something to read. Raises GridbridgeError: no group, a message that is not understood."""
    listed = _chats(body)
    chats = [body] if listed is None else [chat for chat in listed if _is_chat(chat) and chat.get("type") in _GROUPS]
    talks = [talk for chat in chats if (talk := _talk(chat, name, zone)).said]
    if not talks:
        raise GridbridgeError(f"{name}：里面没有群聊的消息，请在 Telegram Desktop 的群里选“导出聊天记录”，格式选 JSON")
    yield from talks


def _is_chat(body: Any) -> bool:
    return isinstance(body, dict) and isinstance(body.get("messages"), list) and "type" in body


def _chats(body: Mapping[str, Any]) -> Sequence[Any] | None:
    """Those of a whole account's export."""
    chats = body.get("chats")
    listed = chats.get("list") if isinstance(chats, dict) else None
    return listed if isinstance(listed, list) else None


def _talk(chat: Mapping[str, Any], name: str, zone: ZoneInfo) -> Conversation:
    places: dict[Any, int] = {}
    said = []
    for number, one in enumerate(chat["messages"]):
        if isinstance(one, dict) and one.get("type") == "message" and (one.get("from") or one.get("from_id")):
            message = _said(one, len(places), places, f"{name} 第 {number + 1} 条消息", zone)
            places[one.get("id")] = message.index
            said.append(message)
    said.sort(key=lambda one: (one.at, one.index))
    title = str(chat.get("name") or "没有名字的群")
    start = said[0].at if said else datetime.fromtimestamp(0, UTC)
    return Conversation(str(chat.get("id") or title), title, start, tuple(said))


def _said(one: Mapping[str, Any], index: int, places: Mapping[Any, int], where: str, zone: ZoneInfo) -> Said:
    name = str(one.get("from") or "已注销的账号")
    return Said(
        index=index,
        at=_moment(one, where, zone),
        who=Person(str(one.get("from_id") or name), name),
        text=_text(one.get("text", "")),
        reply_to=places.get(one.get("reply_to_message_id")),
        photos=1 if "photo" in one else 0,
    )


def _moment(one: Mapping[str, Any], where: str, zone: ZoneInfo) -> datetime:
    """The exact moment where the export has it; older ones only tell the local time of who exported."""
    try:
        if "date_unixtime" in one:
            return datetime.fromtimestamp(int(one["date_unixtime"]), UTC)
        return datetime.fromisoformat(one["date"]).replace(tzinfo=zone).astimezone(UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise GridbridgeError(f"{where}：没有看得懂的时间，请重新导出一次") from error


def _text(given: Any) -> str:
    """A string, or a list of strings and of marked-up pieces."""
    if isinstance(given, str):
        return given
    pieces = given if isinstance(given, list) else []
    texts = (
        piece if isinstance(piece, str) else piece.get("text", "") for piece in pieces if isinstance(piece, str | dict)
    )
    return "".join(text for text in texts if isinstance(text, str))
