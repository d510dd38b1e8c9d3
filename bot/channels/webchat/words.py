"""The few sentences the chat itself says to the one who did something; the bot's are in bot/talk/texts.zh-CN.toml."""

from __future__ import annotations

BOT_NAME = "网格小助手"

RETRYING = "暂时没收到，正在重试"
NOT_STORED = "暂时存不下来，请稍后再发"
PRESS_LOST = "没收到，请再点一次"
TOO_FAST = "您发得太快了，歇几秒再发"
TOO_MANY_PHOTOS = "传得太快了，请过一分钟再传"
NOT_IN_ROOM = "您不在这个群里"
EMPTY = "写点什么再发"
TOO_LONG = "一条最多2000字，请分开发"
PHOTOS_TOO_MANY = "一条最多9张照片"
PHOTO_GONE = "照片已过期，请重新选一次"
NOT_YOURS = "只能改自己发的消息"
TOO_LATE = "超过24小时，改不了了"
BUTTON_GONE = "这个按钮已经用过或过期了"
NOT_UNDERSTOOD = "没看懂这个请求，请刷新页面再试"
NO_PHOTO = "没收到照片，请再选一次"
TOO_MANY_TRIES = "试得太多了，请过十分钟再打开链接"
CLOSED = "聊天服务正在重启，请稍等"
SITE_ONLY = "请从本站页面打开"
