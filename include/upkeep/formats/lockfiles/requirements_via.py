"""The comments in which pip-compile and uv say who asked for a requirement: "# via flask"."""

import re
from dataclasses import dataclass

from upkeep.formats.lockfiles.python_names import name_of

_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*(?:===?|@)\s*\S+[^#]*?(?:#\s*via\s+(.*))?$")
_VIA = re.compile(r"\s+#\s*via\b\s*(.*)$")
_MORE = re.compile(r"\s+#\s{2,}(\S.*)$")
_FILE = re.compile(r"-[rc]\s|\(.*\)$")


@dataclass(slots=True)
class Via:
    """Who asked for one requirement: names of other packages, and whether the project itself did."""

    names: list[str]
    direct: bool = False


def asked_by(text: str) -> dict[str, Via]:
    """Who asked for what, by name, of those requirements that have such a comment."""
    found: dict[str, Via] = {}
    name = ""
    within = False
    for line in text.split("\n"):
        if pin := _PIN.match(line):
            name, within = name_of(pin[1]), False
            _take(found, name, pin[2] or "")
        elif name and (via := _VIA.match(line)):
            within = True
            _take(found, name, via[1])
        elif within and (more := _MORE.match(line)):
            _take(found, name, more[1])
        elif line.strip() and not line.lstrip().startswith(("--hash", "\\")):
            name, within = "", False
    return found


def _take(found: dict[str, Via], name: str, text: str) -> None:
    for part in filter(None, (part.strip() for part in text.split(","))):
        via = found.setdefault(name, Via([]))
        if _FILE.search(part):
            via.direct = via.direct or not part.startswith("-c")
        else:
            via.names.append(name_of(part))
