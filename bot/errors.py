"""The small error tree.

GridbridgeError
├── ConfigError      the configuration is wrong; says the key and the remedy
├── NotAccepted      the database could not take an event; do not acknowledge it
├── MediaGone        an attachment cannot be fetched any more
└── MediaRefused     an attachment is too large or not what it claims to be
"""

from __future__ import annotations


class GridbridgeError(Exception):
    """Base of all errors raised on purpose; its message is a sentence for the person who reads it."""


class ConfigError(GridbridgeError):
    """The configuration is wrong; the only reason for which the program refuses to start."""


class NotAccepted(GridbridgeError):  # noqa: N818 - a state the caller handles, not a fault
    """The database could not take an event; the channel must not acknowledge it."""


class MediaGone(GridbridgeError):  # noqa: N818 - reads as a fact
    """An attachment cannot be fetched any more."""


class MediaRefused(GridbridgeError):  # noqa: N818 - reads as a fact
    """An attachment is too large or not what it claims to be; the message says which."""
