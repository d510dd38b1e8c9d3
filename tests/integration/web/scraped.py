"""An answer of /metrics, read as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families


class Scraped:
    def __init__(self, text: str) -> None:
        self.families: dict[str, Metric] = {one.name: one for one in text_string_to_metric_families(text)}
        self.samples = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        """The one sample with exactly these labels; the prefix of our names need not be written."""
        return self.samples[f"gridbridge_{name}", frozenset(labels.items())]

    def all(self, name: str, label: str, **others: str) -> dict[str, float]:
        """Samples that are not 0, by the value of one label."""
        found = (
            (dict(labels), value) for (full, labels), value in self.samples.items() if full == f"gridbridge_{name}"
        )
        return {labels[label]: value for labels, value in found if value and others.items() <= labels.items()}

    def names(self) -> set[str]:
        """As they stand in rules and tables: of every sample, and of every family that has none just now."""
        return {name for name, _ in self.samples} | set(self.families)
