"""Tables that ship with Upkeep as YAML, such as days of releases, each of which a newer file may stand in for."""

from pathlib import Path
from typing import Any

from upkeep.errors import BrokenError


def table(shipped: Path, newer: str) -> dict[str, Any]:
    """The table of the file `newer`, or the shipped one where that is empty. Raises BrokenError when it cannot be read."""
    import yaml

    path = Path(newer) if newer else shipped
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise unreadable(path, " ".join(str(error).split())) from error
    if not isinstance(found, dict):
        raise unreadable(path, "it holds no mapping")
    return found


def unreadable(path: Path | str, why: str) -> BrokenError:
    """What is said of a table that cannot be read."""
    return BrokenError(f"the table {path} cannot be read: {why}", "mend the file, or leave the threshold empty", retry=False)
