"""What is found of a repository's parts: licences, deprecated versions, ranges, and what nothing imports."""

from collections.abc import Iterator, Mapping, Sequence

from upkeep.answer import Finding, Severity
from upkeep.checks.dependencies.parts import Licensed
from upkeep.checks.dependencies.unused import Unused
from upkeep.formats.licences import Verdict
from upkeep.humanize import plural
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit

_LISTED, _SHOWN = 200, 5


def parts_findings(code: CodeRepository, found: Sequence[Licensed], idle: Unused) -> list[Finding]:
    """Every finding, of packages one by one where one by one they are mended, else of the repository."""
    return [*_licences(found), *_missing(code, found), *_deprecated(found), *_open(code, found), *_idle(code, idle)]


def _licences(found: Sequence[Licensed]) -> Iterator[Finding]:
    """One finding for each package whose licence is denied or for review, whatever its versions."""
    by_name: dict[str, Licensed] = {}
    for each in found:
        known = by_name.get(each.object)
        if known is None or (each.ships, each.judged.verdict) > (known.ships, known.judged.verdict):
            by_name[each.object] = each
    for each in by_name.values():
        if each.judged.verdict is Verdict.DENY:
            severity = Severity.HIGH if each.ships else Severity.LOW
            yield _licence(each, "licence_denied", severity, "replace it, or accept it in the policy with the reason")
        elif each.judged.verdict is Verdict.REVIEW and each.ships:
            yield _licence(
                each, "licence_review", Severity.MEDIUM, "read the licence, then allow it or accept the package in the policy"
            )


def _licence(each: Licensed, rule: str, severity: Severity, remedy: str) -> Finding:
    package = each.package
    through = f" through {' > '.join(package.path[:-1])}" if len(package.path) > 1 else ""
    what = "is denied by the policy" if rule == "licence_denied" else "is for review"
    scope = "" if each.ships else ", for development"
    return Finding(
        rule=rule,
        object=each.object,
        severity=severity,
        title=f"{package.name} {package.version or ''} ({each.file}{through}{scope}): {each.judged.why} {what}",
        remedy=remedy,
        details={"licence": package.licence, "version": package.version, "path": list(package.path), "file": each.file},
    )


def _missing(code: CodeRepository, found: Sequence[Licensed]) -> Iterator[Finding]:
    unknown = {each.object: each.judged.why for each in found if each.judged.verdict is Verdict.UNKNOWN and each.ships}
    if unknown:
        yield _listed(
            code, "licence_unknown", f"the licence of {plural(len(unknown), 'package')} is not known",
            "say it in `accepted` of the policy, or give an SBOM that says it", unknown,
        )  # fmt: skip


def _deprecated(found: Sequence[Licensed]) -> Iterator[Finding]:
    for each in {each.object: each for each in found if each.package.deprecated}.values():
        yield Finding(
            rule="deprecated",
            object=each.object,
            severity=Severity.MEDIUM if each.ships else Severity.LOW,
            title=f"{each.package.name} {each.package.version or ''} ({each.file}) is deprecated: {each.package.deprecated}",
            remedy="move to a version, or to a package, that is looked after",
            details={"path": list(each.package.path)},
        )


def _open(code: CodeRepository, found: Sequence[Licensed]) -> Iterator[Finding]:
    unpinned = {
        each.object: each.package.asked_for or "" for each in found if each.package.version is None and not each.package.commit
    }
    if unpinned:
        yield _listed(
            code, "unpinned", f"{plural(len(unpinned), 'package')} with no version: what runs is not known",
            "lock them, so that what is built is what was looked at", unpinned,
        )  # fmt: skip


def _idle(code: CodeRepository, idle: Unused) -> Iterator[Finding]:
    if idle.packages:
        count = plural(len(idle.packages), "direct dependency", "direct dependencies")
        yield _listed(
            code, "maybe_unused", f"no source file imports {count}",
            "a hint: what is loaded by name is not seen; remove what is really not used", dict.fromkeys(idle.packages, ""),
        )  # fmt: skip


def _listed(code: CodeRepository, rule: str, title: str, remedy: str, packages: Mapping[str, str]) -> Finding:
    names = sorted(packages)
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    details = {"packages": {name: packages[name] for name in names[:_LISTED]}}
    return Finding(
        rule=rule, object=code.name, severity=Severity.LOW, title=f"{title}: {shown}", remedy=remedy,
        value=len(names), unit=Unit.COUNT, details=details,
    )  # fmt: skip
