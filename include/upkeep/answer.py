"""What a duty says about a target: ok, breach or unknown, with metrics, findings and evidence."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Self

from upkeep.record import Record
from upkeep.units import Unit

Json = Mapping[str, Any]


class Status(StrEnum):
    """`unknown` is a third state: it never counts as ok."""

    OK = "ok"
    BREACH = "breach"
    UNKNOWN = "unknown"


class Severity(IntEnum):
    """How bad a finding is; ordered."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The word used in rows, pages and the inventory."""
        return self.name.lower()

    @classmethod
    def parse(cls, label: str) -> Self:
        """Read a label; raises KeyError for a word that is none."""
        return cls[label.upper()]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """
    One number at one time. A ratio carries its numerator, denominator and sample size `n`.

    `at` is the window's end unless given. Raises ValueError for a unit that is none of `Unit`.
    """

    name: str
    value: float
    unit: Unit
    labels: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """
    One thing wrong. `rule` and `object` identify it for ever: neither may contain a number that changes.

    `title` says the number against its limit; `remedy` says what to do, as SQL to paste where that is possible.
    `due_by`, with its time zone, is for what must be gone by a day of its own, such as a certificate's end. With `own_clock` it
    alone says when, whatever the severity's days: for a duty whose clock may stand still, as while a waiver holds (then without
    `due_by`: due at no time), or has days of its target. `at_once` is for news that people are told at once even where their
    target turns red later; it is no part of what is stored.
    Raises ValueError for a unit that is none of `Unit`, for a number without one, and for a `due_by` without a time zone.
    """

    rule: str
    object: str
    severity: Severity
    title: str
    remedy: str
    value: float | None = None
    limit: float | None = None
    unit: Unit | None = None
    details: Json = field(default_factory=dict)
    due_by: datetime | None = None
    at_once: bool = False
    own_clock: bool = False

    def __post_init__(self) -> None:
        if self.unit is not None:
            object.__setattr__(self, "unit", Unit(self.unit))
        elif self.value is not None or self.limit is not None:
            raise ValueError(f"the finding {self.rule} of {self.object} has a number without a unit: give it one of upkeep.units")
        if self.due_by is not None and self.due_by.tzinfo is None:
            raise ValueError(f"due_by of the finding {self.rule} of {self.object} has no time zone: {self.due_by}")

    def fingerprint(self, duty: str, target: str) -> str:
        """Sixteen hex digits that stay the same for as long as this thing stays wrong."""
        key = f"{duty}\x1f{target}\x1f{self.rule}\x1f{self.object}"
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """
    The result of asking one target once.

    `summary` is one line with numbers. `state` is what a live duty must remember until its next run (raw counters).
    `records` are rows of tables of their own.
    Make one with `judged` or `unknown`.
    """

    status: Status
    summary: str
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
    evidence: Json = field(default_factory=dict)
    state: Json | None = None
    records: tuple[Record, ...] = ()

    @classmethod
    def judged(
        cls,
        summary: str,
        *,
        findings: Iterable[Finding] = (),
        metrics: Iterable[Metric] = (),
        evidence: Json | None = None,
        state: Json | None = None,
        records: Iterable[Record] = (),
    ) -> Self:
        """An answer that was found: breach if there is any finding, else ok."""
        found = tuple(sorted(findings, key=lambda f: (-f.severity, f.rule, f.object)))
        return cls(
            status=Status.BREACH if found else Status.OK,
            summary=summary,
            findings=found,
            metrics=tuple(metrics),
            evidence=evidence or {},
            state=state,
            records=tuple(records),
        )

    @classmethod
    def unknown(cls, reason: str, remedy: str = "", *, metrics: Iterable[Metric] = (), state: Json | None = None) -> Self:
        """An answer that could not be found; `reason` says why, `remedy` what would change that."""
        evidence = {"remedy": remedy} if remedy else {}
        return cls(status=Status.UNKNOWN, summary=reason, metrics=tuple(metrics), evidence=evidence, state=state)

    @property
    def worst(self) -> Severity | None:
        """The severity of the worst finding, or None."""
        return max((f.severity for f in self.findings), default=None)
