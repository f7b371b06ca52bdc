"""What a repository is made of: licences against the policy, an SBOM, and what changed since the last one."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import upkeep.formats
from upkeep.answer import Answer, Json, Metric, Severity
from upkeep.checks.dependencies.difference import Packages, difference, versions_of
from upkeep.checks.dependencies.freshness import freshness, yanked
from upkeep.checks.dependencies.lookalikes import lookalikes
from upkeep.checks.dependencies.parts import Licensed, licensed
from upkeep.checks.dependencies.parts_findings import parts_findings
from upkeep.checks.dependencies.unused import unused
from upkeep.duty import History, check
from upkeep.errors import BrokenError
from upkeep.formats.licences import Policy, Verdict, policy
from upkeep.formats.package import Reading
from upkeep.formats.release_index import Index, release_index
from upkeep.formats.sbom_document import faults_of, sbom_document
from upkeep.humanize import plural
from upkeep.record import Record
from upkeep.sources.repository import Repository
from upkeep.sources.shipped_tables import table, unreadable
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_SHIPPED = Path(str(upkeep.formats.__file__)).with_name("licence_policy.yaml")


@dataclass(frozen=True, slots=True)
class Sbom(Record):
    """The document of one window; the fields are the columns."""

    table: ClassVar[str] = "sbom"

    format: str
    commit: str | None
    packages: int
    sha256: str
    document: str


@check(Cadence.QUARTERLY, owner="platform")
def inventory(
    code: CodeRepository,
    repository: Repository,
    window: Window,
    history: History,
    *,
    policy_file: str = "",
    index_file: str = "",
    names_file: str = "",
    most_source_files: int = 5000,
) -> Answer:
    """
    What a repository is made of: licences against the policy, an SBOM, and what changed since the last one.

    A licence can forbid what a business does, and is found out late. Each package's licence is judged by a policy (allow, review,
    deny) that ships or is named in `policy_file`; of a choice the best part counts, of several that hold together the worst. A
    licence that no lockfile says is read from the package where it is installed with Upkeep, else it is said missing. Told are
    also deprecated versions, ranges that are no pins, names that are nearly those of far more used packages (`names_file`
    replaces the list that ships), what nothing imports (a hint), and, where `index_file` names days of releases
    (`docs/parts.md`), what was yanked and how many years direct ones are behind. The SBOM is kept in `upkeep.sbom`. A file that
    cannot be read whole makes it unknown. It leaves out copied code, and flaws.
    """
    readings = list(repository.readings())
    if not readings:
        return Answer.unknown("no lockfile, SBOM or package database was found", "commit the lockfiles")
    found = licensed(readings, _policy(policy_file))
    incomplete = [f"{path}: {why}" for path, reading in readings for why in reading.incomplete]
    idle, index = unused(repository, found, most_source_files), _index(index_file)
    findings = [*parts_findings(code, found, idle), *yanked(found, index), *lookalikes(found, names_file)]
    now, before = versions_of(found), (history.state() or {}).get("packages")
    if incomplete and not any(f.severity > Severity.LOW for f in findings):
        return Answer.unknown("; ".join(incomplete[:5]), "mend the file, or leave it out with `ignore`", state={"packages": now})
    return Answer.judged(
        _summary(found, now, before, incomplete),
        findings=findings,
        metrics=[*_metrics(found), *freshness(found, index, window.end.date())],
        evidence={**_looked_at(readings, incomplete, idle.notes), **difference(now, before)},
        state={"packages": now},
        records=[_sbom(code, repository, window, found)],
    )


def _looked_at(readings: Sequence[tuple[str, Reading]], incomplete: Sequence[str], imports: Sequence[str]) -> Json:
    return {"files": [path for path, _ in readings], "incomplete": list(incomplete), "imports": list(imports)}


def _policy(policy_file: str) -> Policy:
    try:
        return policy(table(_SHIPPED, policy_file))
    except (AttributeError, TypeError, ValueError) as error:
        raise unreadable(policy_file or _SHIPPED, str(error)) from error


def _summary(found: Sequence[Licensed], now: Packages, before: Packages | None, incomplete: Sequence[str]) -> str:
    counted = Counter(each.package.ecosystem for each in found)
    made = ", ".join(f"{count} {ecosystem}" for ecosystem, count in sorted(counted.items()))
    told = difference(now, before)
    changes = "; ".join(f"{len(names)} {what}" for what, names in told.items()) if told else "the first inventory"
    missing = f"; not read whole: {incomplete[0]}" if incomplete else ""
    return f"{plural(len(now), 'package')} ({made}); {changes}{missing}"


def _index(index_file: str) -> Index:
    if not index_file:
        return {}
    try:
        return release_index(table(_SHIPPED, index_file))
    except ValueError as error:
        raise unreadable(index_file, str(error)) from error


def _metrics(found: Sequence[Licensed]) -> Iterator[Metric]:
    for verdict in Verdict:
        count = len({each.object for each in found if each.judged.verdict is verdict})
        yield Metric(name="licences", value=count, unit=Unit.COUNT, labels={"verdict": verdict.name.lower()})


def _sbom(code: CodeRepository, repository: Repository, window: Window, found: Sequence[Licensed]) -> Sbom:
    """The document. Raises BrokenError when it is not valid, which would be a fault of Upkeep."""
    commit = repository.commit.id if repository.commit else None
    document = sbom_document(code.name, commit, window.end, [each.part for each in found])
    if faults := faults_of(document):
        raise BrokenError(f"the SBOM is not valid: {faults[0]}", "this is a fault of Upkeep", retry=False)
    digest = hashlib.sha256(document.encode()).hexdigest()
    return Sbom("CycloneDX 1.6", commit, len({each.object for each in found}), digest, document)
