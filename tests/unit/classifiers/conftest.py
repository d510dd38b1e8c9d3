"""The shipped rules, loaded once for all tests of this folder."""

from __future__ import annotations

import pytest

from classifiers.keyword import Classifier


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load()
