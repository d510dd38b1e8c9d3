"""The codes of all categories (level1.level2) in the order people see them; names and rules are in `rules/`."""

from __future__ import annotations

from typing import Final

_FAMILIES: Final = {
    "dispute": "neighbour land family property_mgmt labour contract",
    "hazard": "fire gas electric building water",
    "emergency": "fire missing medical accident disaster",
    "security": "theft fraud violence suspicious",
    "facility": "streetlight water power gas heating telecom drain road manhole lift public",
    "environment": "garbage noise smell burning water dust pest",
    "order": "parking illegal_building vendor animal advert",
    "greening": "plant tree",
    "service": "card social relief certificate elderly agriculture education health employment",
    "consult": "policy suggestion complaint",
    "other": "other",
}
TAXONOMY: Final = tuple(f"{family}.{name}" for family, names in _FAMILIES.items() for name in names.split())
