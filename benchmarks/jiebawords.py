"""The usual way to find what matters in a message: cut all of it with jieba, look for keywords among the words."""

from __future__ import annotations

import logging
from collections.abc import Callable

import jieba

from classifiers.keyword import Classifier


def jieba_finder() -> Callable[[str], bool]:
    """Tells whether a word of the text is one of our own anchors; jieba's dictionary is loaded before it returns."""
    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    words, cut = Classifier.load().anchors(), jieba.lcut
    return lambda text: not words.isdisjoint(cut(text))
