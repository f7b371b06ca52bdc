"""The smallest changes that close known faults."""

from collections.abc import Sequence

from upkeep.advisories.patches import Patch
from upkeep.advisories.places import Advisories
from upkeep.advisories.repository import contents
from upkeep.advisories.scan import scan
from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_SHOWN = 3


@check(Cadence.WEEKLY, owner="security")
def security_patches(repository: CodeRepository, files: Repository, advisories: Advisories, window: Window) -> Answer:
    """
    The smallest changes that close known faults.

    For each package with faults that were known by the window's end and do not pass by a VEX document: the lowest version above
    the locked one that closes most of them and brings fewest of its own, and, where others bring the package, who has to move.
    A hint, and so low: how bad a fault is and until when it must be gone is said by `vulnerabilities`, to which packages without
    such a version are left. Whether the change breaks anything is not tried here.
    """
    held = contents(files)
    then = scan(held, advisories.about(held.located), window.end)
    if then.unchecked:
        return Answer.unknown(f"could not check everything: {then.unchecked[0]}", "see the answer of vulnerabilities")
    made = [patch for patch in then.patches if patch.to]
    closed = sum(len(patch.closes) for patch in made)
    return Answer.judged(
        f"{plural(len(made), 'change')} would close {closed} of {plural(len(then.found), 'known fault')}",
        findings=[_finding(patch) for patch in made],
        metrics=[Metric(name="faults_with_patch", value=closed, unit=Unit.COUNT, denominator=len(then.found))],
    )


def _finding(patch: Patch) -> Finding:
    names = _names(patch)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    leaves = f"; {plural(len(patch.leaves), 'other')} stays" if patch.leaves else ""
    return Finding(
        rule="patch_available",
        object=f"{patch.package.name} ({patch.package.ecosystem})",
        severity=Severity.LOW,
        title=f"{patch.text} closes {', '.join(names[:_SHOWN])}{more}{leaves}",
        remedy=_remedy(patch),
        details={"closes": list(names), "to": patch.to, "through": list(patch.parents)},
    )


def _names(patch: Patch) -> Sequence[str]:
    return [one.fault.title for one in patch.closes]


def _remedy(patch: Patch) -> str:
    if patch.parents:
        wanted = f"{patch.package.name} {patch.to} or later"
        return f"move {' and '.join(patch.parents)} to a version that asks for {wanted}, and lock anew"
    return f"lock {patch.package.name} {patch.to} or later, and run the tests"
