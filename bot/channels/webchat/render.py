"""Post -> body of a message; message, room and answer -> frames of the protocol. Pure."""

from __future__ import annotations

import hashlib
from typing import Any

from bot.channels.webchat.parse import BOT
from bot.model import Card, Post
from bot.rooms import Member, Message, Quote, Room

Frame = dict[str, Any]
_PREVIEW = 60  # characters


def body_of(post: Post) -> Frame:
    """What the history keeps of a post."""
    body: Frame = {"text": post.text}
    if post.quote is not None and post.quote.isascii() and post.quote.isdigit():
        body["quote"] = int(post.quote)
    if post.photos:
        body["photos"] = list(dict.fromkeys(hash_of(photo.data) for photo in post.photos))
    if post.card:
        body["card"] = _card(post.card)
    if post.buttons:
        body["buttons"] = [{"label": one.label, "data": one.data, "style": one.style} for one in post.buttons]
    return body


def hash_of(data: bytes) -> str:
    """The name of a photo in addresses."""
    return hashlib.sha256(data).hexdigest()


def message_frame(message: Message) -> Frame:
    """MSG of the protocol."""
    body = message.body
    return {
        "n": message.n,
        "rev": message.rev,
        "id": str(message.n),
        "from": {
            "id": message.author,
            "name": message.name,
            "bot": message.author == BOT,
            "staff": message.staff,
        },
        "at": message.at.isoformat(),
        "text": body.get("text", ""),
        "quote": _quote(message.quote) if message.quote else None,
        "photos": body.get("photos", []),
        "card": body.get("card"),
        "buttons": body.get("buttons", []),
        "edited": message.edited,
        "recalled": message.recalled,
    }


def room_entry(room: Room) -> Frame:
    return {
        "id": room.id,
        "title": room.title,
        "kind": room.kind,
        "members": room.members,
        "rev": room.rev,
        "last": room.last,
        "read": room.read,
        "preview": _preview(room.preview) if room.preview else "",
        "at": room.preview.at.isoformat() if room.preview else "",
    }


def me_frame(member: Member) -> Frame:
    return {"id": member.id, "name": member.name, "staff": member.staff}


def _card(card: Card) -> Frame:
    lines = [list(line) for line in card.lines]
    return {"title": card.title, "lines": lines, "note": card.note, "urgent": card.urgent}


def _quote(quote: Quote) -> Frame:
    return {"n": quote.n, "name": quote.name, "text": quote.text, "photo": quote.photo}


def _preview(message: Message) -> str:
    if message.recalled:
        return f"{message.name}撤回了一条消息"
    body = message.body
    text = body.get("text") or (body.get("card") or {}).get("title") or ("[照片]" if body.get("photos") else "")
    return f"{message.name}：{' '.join(text.split())[:_PREVIEW]}"
