"""Any one column of labels, learned from labelled texts: the likeliest label of a text."""

from __future__ import annotations

from pathlib import Path

from classifiers.features import features
from classifiers.learned import Weights, read_learned
from classifiers.lexicon import Lexicon
from classifiers.normalize import normalize
from classifiers.rulefile import RuleError, Table, Vocabulary, read_toml

KIND = "topic"


class Topics:
    """Immutable."""

    def __init__(self, weights: Weights, lexicon: Lexicon) -> None:
        self._weights = weights
        self._lexicon = lexicon

    @classmethod
    def load(cls, path: Path, lexicon: Lexicon) -> Topics:
        """Read a file that `rules learn --label` wrote. Raises rules.RuleError."""
        weights = read_learned([Table(path.name, "", read_toml(path), Vocabulary())]).get(KIND)
        if weights is None:
            raise RuleError(path.name, "文件", "里面没有学来的标签", "请用 rules learn --label 写的文件")
        return cls(weights, lexicon)

    def best(self, text: str) -> str:
        points = self._weights.score(features(normalize(text), self._lexicon), {})
        return max(points, key=lambda label: points[label])
