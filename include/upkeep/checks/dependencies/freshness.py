"""How old what a repository uses is, and what of it was withdrawn, where an index of releases tells."""

from collections.abc import Iterator, Sequence
from datetime import date

from upkeep.answer import Finding, Metric, Severity
from upkeep.checks.dependencies.parts import Licensed
from upkeep.formats.release_index import Index, years_behind
from upkeep.units import Unit


def yanked(found: Sequence[Licensed], index: Index) -> Iterator[Finding]:
    """A finding for each package that is used in a version which was yanked."""
    seen: set[str] = set()
    for each in found:
        released = index.get(each.object, {}).get(each.package.version or "")
        if released and released.yanked and each.object not in seen:
            seen.add(each.object)
            yield Finding(
                rule="yanked",
                object=each.object,
                severity=Severity.MEDIUM if each.ships else Severity.LOW,
                title=f"{each.package.name} {each.package.version} ({each.file}) was yanked: {released.yanked}",
                remedy="move to a version that was not withdrawn",
                details={"path": list(each.package.path)},
            )


def freshness(found: Sequence[Licensed], index: Index, today: date) -> Iterator[Metric]:
    """Years behind of the direct dependencies that the index has, added up, with how many these are."""
    direct = {(each.object, each.package.version or "") for each in found if each.package.direct}
    years = [y for name, version in sorted(direct) if (y := years_behind(index, name, version, today)) is not None]
    if years:
        yield Metric(name="years_behind", value=round(sum(years), 3), unit=Unit.YEARS, n=len(years))
