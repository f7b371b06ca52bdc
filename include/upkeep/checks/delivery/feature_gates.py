"""Features against the gates that they should have passed at their stage."""

import posixpath
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.delivery.feature import LARGEST, Feature, Reference, UnreadableFeatureError, read_feature
from upkeep.delivery.feature_record import FeatureRecord
from upkeep.delivery.gates import STAGES, due
from upkeep.duty import check
from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.humanize import plural
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit
from upkeep.window import Cadence, Window

_SERIOUS = STAGES.index("rollout")


@dataclass(frozen=True, slots=True)
class Read:
    """One record that could be read, with what it lacks."""

    path: str
    feature: Feature
    missing: tuple[str, ...]
    dead: tuple[Reference, ...]


@check(Cadence.WEEKLY, owner="delivery")
def feature_gates(repository: CodeRepository, found: Repository, window: Window, *, folder: str = "features") -> Answer:
    """
    Features against the gates that they should have passed at their stage.

    A feature has a record, `features/*.md`, whose first lines say its stage and, gate by gate, where its requirements, acceptance
    criteria, effort, design, decision, schema, contract, tests, staging, rollout, usage and feedback are; a heading of that name
    counts too, and "none, since …" passes a gate that does not apply. What a stage needs and a record lacks is told, as are paths
    that are not there and records that cannot be read, by file and line. Addresses on the web are not tried. A repository
    without records has none to check.
    """
    every = frozenset(found.tree.paths())
    paths = sorted(path for path in every if posixpath.dirname(path) == folder.strip("/") and path.endswith(".md"))
    read, unreadable = [], []
    for path in (path for path in paths if posixpath.basename(path).lower() != "readme.md"):
        try:
            read.append(_read(found, path, every))
        except UnreadableFeatureError as error:
            unreadable.append(_unreadable(path, error))
    findings = [*unreadable, *(finding for each in read for finding in _findings(each))]
    return Answer.judged(
        _summary(read, len(unreadable), folder, found),
        findings=findings,
        metrics=list(_metrics(read)),
        records=[_record(each) for each in read],
    )


def _read(found: Repository, path: str, every: Collection[str]) -> Read:
    try:
        raw = found.read(path, LARGEST)
        text = (raw or b"").decode()
    except UnreadableError as error:
        raise UnreadableFeatureError(1, str(error)) from error
    except UnicodeDecodeError as error:
        raise UnreadableFeatureError((raw or b"")[: error.start].count(b"\n") + 1, "is not UTF-8") from error
    feature = read_feature(text)
    missing = tuple(gate for gate in due(feature.stage) if gate not in feature.passed)
    return Read(path, feature, missing, tuple(each for each in feature.references if not _there(path, each.path, every)))


def _there(record: str, path: str, every: Collection[str]) -> bool:
    """Whether a path is a file or a folder, from the top of the repository or from beside the record."""
    tries = {posixpath.normpath(path.lstrip("/")), posixpath.normpath(posixpath.join(posixpath.dirname(record), path))}
    return any(one in every or any(each.startswith(f"{one}/") for each in every) for one in tries if not one.startswith(".."))


def _findings(read: Read) -> Iterator[Finding]:
    stage, late = read.feature.stage, STAGES.index(read.feature.stage) >= _SERIOUS
    if read.missing:
        why = ", ".join(f"{gate} (none, but not why)" if gate in read.feature.unsaid else gate for gate in read.missing)
        yield Finding(
            rule="missing_gates",
            object=read.path,
            severity=Severity.MEDIUM if late else Severity.LOW,
            title=f"{read.feature.name} is at {stage} without {why}",
            remedy=f'add what is there to {read.path}, or say "none, since …"; else take its stage back',
        )
    for path, line in {each.path: each.line for each in reversed(read.dead)}.items():
        yield Finding(
            rule="dead_link",
            object=f"{read.path}: {path}",
            severity=Severity.LOW,
            title=f"{read.path}:{line} names {path}, which is not there",
            remedy="correct the path, or commit the file",
        )


def _unreadable(path: str, error: UnreadableFeatureError) -> Finding:
    return Finding(
        rule="unreadable_feature",
        object=path,
        severity=Severity.MEDIUM,
        title=f"{path}:{error.line} {error.reason}",
        remedy="see docs/delivery.md for a record that can be read",
    )


def _summary(read: list[Read], unreadable: int, folder: str, found: Repository) -> str:
    at = f" at {found.commit.id[:10]}" if found.commit else ""
    if not read and not unreadable:
        return f"no records of features in {folder}/{at}"
    lacking = sum(bool(each.missing) for each in read)
    return f"{plural(len(read), 'feature')}{at}: {lacking} without a gate that is due, {unreadable} that cannot be read"


def _metrics(read: list[Read]) -> Iterator[Metric]:
    """The share of due gates that were passed."""
    needed = sum(len(list(due(each.feature.stage))) for each in read)
    passed = needed - sum(len(each.missing) for each in read)
    if needed:
        yield Metric(
            name="gates_passed", value=passed / needed, unit=Unit.SHARE, numerator=passed, denominator=needed, n=len(read)
        )


def _record(read: Read) -> FeatureRecord:
    feature = read.feature
    dead = list(dict.fromkeys(each.path for each in read.dead))
    return FeatureRecord(
        read.path, feature.name, feature.stage, feature.owner, list(due(feature.stage)), list(read.missing), dead
    )
