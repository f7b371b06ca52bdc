"""Files of ready-made names."""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from upkeep.suggestions import nearest

_FOLDER = Path(__file__).parent / "presets"


@cache
def written(name: str) -> dict[str, Any]:
    """What a file holds, by the names of its presets."""
    found: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def known(name: str, names: Collection[str]) -> str:
    """The name itself. Raises ValueError with the nearest when it is none of them."""
    if name not in names:
        raise ValueError(f'there is no preset "{name}"{nearest(name, names)}')
    return name
