"""Packages with known faults, each with one clock."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time

from upkeep.advisories.clock import Clock, Pause, clock
from upkeep.advisories.found import Found, Located
from upkeep.advisories.memory import Memory, Seen, state_of
from upkeep.advisories.places import Advisories
from upkeep.advisories.repository import Contents, contents
from upkeep.advisories.rows import also_called, dependency, vulnerability
from upkeep.advisories.scan import Scanned, scan
from upkeep.advisories.source_imports import SourceImports, source_imports
from upkeep.answer import Answer, Finding, Json, Metric, Severity
from upkeep.config.waivers import Waivers
from upkeep.duty import History, check
from upkeep.formats.package import Scope
from upkeep.humanize import plural
from upkeep.record import Record
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.units import Unit
from upkeep.window import Cadence, Window

NAME = "vulnerabilities"
_EVER = datetime.max.replace(tzinfo=UTC)
_SHOWN = 5


@check(Cadence.WEEKLY, owner="security")
def vulnerabilities(
    repository: CodeRepository,
    files: Repository,
    advisories: Advisories,
    waivers: Waivers,
    history: History,
    window: Window,
    *,
    critical_days: float = 7,
    high_days: float = 30,
    medium_days: float = 90,
    low_days: float = 120,
    most_source_files: int = 5000,
) -> Answer:
    """
    Packages with known faults, each with one clock.

    Every lockfile, SBOM and package database of the repository as it was at the window's end, against what was published by then
    and not withdrawn. A fault under several names is one finding; one that nobody rated counts as high. It is due at the earliest
    of its severity's days (by tag: `vulnerability_days` of the inventory) from when it was first seen and the day that the
    catalogue of known exploited vulnerabilities gives. A waiver under any of its names stops the clock; a VEX document of the
    repository with a justification lets it pass. What is new and critical, or new there, is told at once, whatever turns red.
    Files that cannot be read whole, and advisories that are missing or older than 14 days, make it unknown. Imports are a hint.
    """
    held = contents(files)
    known = advisories.about(held.located)
    then = scan(held, known, window.end)
    if then.unchecked:
        return Answer.unknown(_unchecked(then), "make every file readable, and see that advisories are fetched")
    days = dict(zip(Severity, (low_days, medium_days, high_days, critical_days), strict=True))
    judge = _Judge(repository.name, Memory(history.state()), waivers, window, days, _imports(files, then, most_source_files))
    judged = [*map(judge.open, then.found), *(judge.passed(p.found, p.statement.reason) for p in then.passed)]
    return Answer.judged(
        _summary(then, judged),
        findings=[*(_finding(one, window) for one in judged if one.state != "passed"), *_unclear(then.unclear)],
        metrics=list(_metrics(then, judged)),
        evidence=_evidence(then),
        state=state_of(one.seen for one in judged),
        records=_records(held, [*judged, *judge.later(scan(held, known, _EVER).found, judged)]),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A fault with its clock; `state` is that of its row."""

    found: Found
    seen: Seen
    clock: Clock
    state: str
    because: str | None = None
    imported_by: str | None = None  # a source file; empty when none does, None when that was not looked at


@dataclass(frozen=True, slots=True)
class _Judge:
    """What is the same for every fault of an answer."""

    target: str
    memory: Memory
    waivers: Waivers
    window: Window
    days: dict[Severity, float]
    imports: SourceImports | None

    @property
    def at(self) -> datetime:
        """The moment that it is about."""
        return self.window.end

    def open(self, found: Found) -> Judged:
        """One that counts, unless a waiver holds."""
        seen = self.memory.of(found, self.at)
        bare = _finding(Judged(found, seen, Clock(None, ""), "open"), self.window)
        pauses = [Pause(_start(first), _start(end)) for first, end in self.waivers.times(bare, NAME, self.target)]
        due = found.exploited.due if found.exploited else None
        ran = clock(found.severity, seen.first_seen, self.at, exploited_due=due, pauses=pauses, days=self.days)
        state, because = ("accepted", "by a waiver") if ran.paused else ("open", None)
        return Judged(found, seen, ran, state, because, self._imported(found))

    def passed(self, found: Found, why: str) -> Judged:
        """One that the repository says does not matter."""
        return Judged(found, self.memory.of(found, self.at), Clock(None, "passed", paused=True), "passed", why)

    def _imported(self, found: Found) -> str | None:
        if self.imports is None or found.package.ecosystem != self.imports.ecosystem:
            return None
        by = self.imports.of(found.package.name)
        return by or (None if self.imports.unseen else "")

    def later(self, found: Sequence[Found], judged: Sequence[Judged]) -> list[Judged]:
        """Those that are known now and were not then."""
        return [self.hindsight(one) for one in found if not _is_among(one, judged)]

    def hindsight(self, found: Found) -> Judged:
        """One that was not known then."""
        return Judged(found, self.memory.of(found, self.at), Clock(None, "not known then"), "hindsight")


def _imports(files: Repository, then: Scanned, most: int) -> SourceImports | None:
    """What Python files import, where a package of Python has a fault and there are such files."""
    faulty = any(found.package.ecosystem == "PyPI" for found in then.found)
    found = source_imports(files, "PyPI", most) if faulty else None
    return found if found and found.files else None


def _start(day: object) -> datetime:
    return datetime.combine(day, time.min, UTC)  # type: ignore[arg-type]


def _is_among(found: Found, judged: Sequence[Judged]) -> bool:
    return any(one.found.subject == found.subject and one.found.fault.names & found.fault.names for one in judged)


def _records(held: Contents, judged: Sequence[Judged]) -> list[Record]:
    return [*(dependency(place, located) for place, located in enumerate(held.located)), *map(_row, judged)]


def _row(one: Judged) -> Record:
    return vulnerability(one.found, one.seen, one.clock, one.state, one.because, known_then=one.state != "hindsight",
                         imported_by=one.imported_by)  # fmt: skip


def _cannot_wait(one: Judged, window: Window) -> bool:
    """News of something critical or known to be exploited: seen for the first time, or in the catalogue since the last window."""
    if one.state != "open":
        return False
    is_new = one.seen.first_seen == window.end
    listed = one.found.exploited
    return (is_new and one.found.severity is Severity.CRITICAL) or (
        listed is not None and (is_new or _start(listed.added) >= window.start)
    )


def _finding(one: Judged, window: Window) -> Finding:
    found = one.found
    where = f"{found.package.name} {', '.join(found.versions)}"
    rated = f"{found.rating.score:g}" if found.rating and found.rating.score is not None else ("" if found.rated else "unrated")
    parts = [f"{where} has {found.fault.title}{f' ({rated})' if rated else ''}", found.fault.summary]
    parts += ["known to be exploited"] if found.exploited else []
    return Finding(
        rule="vulnerability",
        object=one.seen.object,
        severity=found.severity,
        title=": ".join(part for part in parts[:2] if part) + "".join(f"; {part}" for part in parts[2:]),
        remedy=_remedy(found),
        details={
            "also_called": also_called(found, one.seen),
            "places": [place.text for place in found.places[:20]],
            "due": one.clock.why,
            "scope": found.scope.value,
            "sources_disagree": found.disagreement,
            "imported_by": one.imported_by,
        },
        due_by=one.clock.due_at,
        at_once=_cannot_wait(one, window),
        own_clock=True,
    )


def _remedy(found: Found) -> str:
    through = f", which {' and '.join(found.parents)} brings: move that" if found.parents and not found.direct else ""
    scope = " (only used in development)" if found.scope is Scope.DEVELOPMENT else ""
    if found.fix:
        return f"go to {found.package.name} {found.fix} or later{through}{scope}"
    return f"no version without it is known: replace {found.package.name}{through}, or waive it with a reason and an end{scope}"


def _unclear(unclear: Sequence[tuple[Located, str]]) -> Iterator[Finding]:
    for subject, why in {f"{p.package.name} ({p.package.ecosystem})": why for p, why in unclear}.items():
        yield Finding(
            rule="not_judged", object=subject, severity=Severity.MEDIUM, title=f"cannot be judged: {why}",
            remedy="lock it to one version that its ecosystem can compare, or look at its advisories by hand",
        )  # fmt: skip


def _unchecked(then: Scanned) -> str:
    shown = "; ".join(then.unchecked[:_SHOWN]) + (
        f" and {len(then.unchecked) - _SHOWN} more" if len(then.unchecked) > _SHOWN else ""
    )
    known = f"; {plural(len(then.found), 'fault')} found so far, the worst {then.found[0].severity.label}" if then.found else ""
    return f"could not check everything: {shown}{known}"


def _summary(then: Scanned, judged: Sequence[Judged]) -> str:
    late = sum(one.clock.overdue(then.at) for one in judged)
    opened = [one for one in judged if one.state == "open"]
    parts = [f"{plural(len(opened), 'known fault')} in {plural(then.packages, 'package')} of {plural(len(then.files), 'file')}"]
    parts += [f"{late} overdue"] if late else []
    parts += [f"{plural(len(then.unclear), 'place')} not judged"] if then.unclear else []
    parts += [f"{count} {state}" for state in ("accepted", "passed") if (count := sum(one.state == state for one in judged))]
    return "; ".join([*parts, f"covered: {', '.join(then.covered) or 'nothing'}"])


def _metrics(then: Scanned, judged: Sequence[Judged]) -> Iterator[Metric]:
    for severity in Severity:
        count = sum(one.found.severity is severity for one in judged if one.state == "open")
        yield Metric(name="known_faults", value=count, unit=Unit.COUNT, labels={"severity": severity.label})
    overdue = sum(one.clock.overdue(then.at) for one in judged)
    yield Metric(name="overdue_faults", value=overdue, unit=Unit.COUNT)
    yield Metric(name="locked_packages", value=then.packages, unit=Unit.COUNT)


def _evidence(then: Scanned) -> Json:
    passed = [
        f"{one.found.subject} {one.found.fault.title}: {one.statement.reason} ({one.statement.file})" for one in then.passed
    ]
    return {"covered": list(then.covered), "files": list(then.files)[:200], "notes": list(then.notes)[:50], "passed": passed[:50]}
