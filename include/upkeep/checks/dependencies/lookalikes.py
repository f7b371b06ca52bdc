"""Packages whose names could be mistaken for those of far more used ones."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import upkeep.formats
from upkeep.advisories.names import Lookalikes, normalise
from upkeep.answer import Finding, Severity
from upkeep.checks.dependencies.parts import Licensed
from upkeep.formats.package import Origin
from upkeep.sources.shipped_tables import table, unreadable

_SHIPPED = Path(str(upkeep.formats.__file__)).with_name("known_names.yaml")


def lookalikes(found: Sequence[Licensed], names_file: str) -> Iterator[Finding]:
    """
    One finding for each package of a registry whose name is nearly that of a well-known one, whatever its versions.

    Of ecosystems that the table does not know nothing is said. Raises BrokenError when the table cannot be read.
    """
    known = _known(names_file)
    for each in {each.object: each for each in found if each.package.origin is Origin.REGISTRY}.values():
        ecosystem = each.package.ecosystem
        names, own_right = known.get(ecosystem, (None, frozenset[str]()))
        name = normalise(ecosystem, each.package.name)
        if names and name not in own_right and (other := names.of(name)):
            yield _finding(each, other)


def _finding(each: Licensed, other: str) -> Finding:
    package = each.package
    through = f" through {' > '.join(package.path[:-1])}" if len(package.path) > 1 else ""
    return Finding(
        rule="lookalike_name",
        object=each.object,
        severity=Severity.HIGH,
        title=f"{package.name} {package.version or ''} ({each.file}{through}) is nearly the name of {other}: was that meant?",
        remedy=(
            f"look at what {package.name} is and who publishes it; if {other} was meant, replace it and treat what it ran on as "
            "broken into; if not, add it to `own_right` of the file that `names_file` names, or waive it"
        ),
        details={"known": other, "version": package.version, "path": list(package.path), "file": each.file},
    )


def _known(names_file: str) -> Mapping[str, tuple[Lookalikes, frozenset[str]]]:
    given = table(_SHIPPED, names_file)
    try:
        return {
            ecosystem: (
                Lookalikes(_spelled(ecosystem, names["known"])),
                frozenset(_spelled(ecosystem, names.get("own_right") or [])),
            )
            for ecosystem, names in given.items()
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise unreadable(names_file or _SHIPPED, f"each ecosystem has `known` and may have `own_right`: {error}") from error


def _spelled(ecosystem: str, names: object) -> list[str]:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise TypeError("names are a list of texts")
    return [normalise(ecosystem, name) for name in names]
