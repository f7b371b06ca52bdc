"""Room that tables and indexes hold and do not need: measured or estimated, and what is said of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from upkeep.answer import Finding, Metric, Severity
from upkeep.errors import BrokenError, VanishedError
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import extension
from upkeep.stats.bloat import widths_note
from upkeep.units import Unit

MB, GB = 10**6, 10**9
PGSTATTUPLE = extension("pgstattuple", "measured sizes")
OR_READ = " -- or let Upkeep's role read the tables: grant pg_read_all_data to it"
_MAY_MEASURE = "select coalesce(has_function_privilege(to_regprocedure(%s), 'execute'), false)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or an index. `unseen` is how many columns Upkeep may not know, `widths_days` the age of the known widths."""

    oid: int
    name: str
    page: int
    bytes: int
    row_count: float
    fill: int
    unseen: int
    widths_days: float | None

    @property
    def size(self) -> int:
        """Bytes of all that belongs to it."""
        return self.bytes

    @property
    def details(self) -> Mapping[str, Any]:
        """What a finding keeps of it beside the sizes."""
        return {}


Some = TypeVar("Some", bound=Relation)


@dataclass(frozen=True, slots=True)
class Bloat:
    """Bytes that one has and those it needs. `how` is "measured" or "estimated"."""

    of: Relation
    bytes: float
    needed: float
    how: str

    @property
    def wasted(self) -> float:
        """Bytes that writing it anew would give back."""
        return max(0.0, self.bytes - self.needed)

    @property
    def share(self) -> float:
        """The wasted share."""
        return self.wasted / self.bytes if self.bytes else 0.0

    def finding(self, kind: str, lacks: str, remedy: str, limits: "Limits") -> Finding:
        """That there is too much, where bytes that hold no `lacks` are wasted."""
        high = self.share >= limits.high_share and self.wasted >= limits.high_gb * GB
        measured = self.how == "measured"
        about, how = ("", "") if measured else ("about ", f"; {widths_note(self.of.widths_days)}")
        return Finding(
            rule=f"bloated_{kind}",
            object=self.of.name,
            severity=Severity.HIGH if high else Severity.MEDIUM,
            title=f"{self.of.name}: {about}{self.wasted / MB:,.0f} of {self.bytes / MB:,.0f} MB hold no {lacks} "
            f"({self.share:.0%}, limit {limits.share:.0%}{how})",
            remedy=remedy,
            value=self.share,
            limit=limits.share,
            unit=Unit.SHARE,
            details={
                "how": self.how,
                "confidence": "high" if measured else "medium",
                **({} if measured else {"widths_days": self.of.widths_days}),
                "wasted_bytes": round(self.wasted),
                "bytes": round(self.bytes),
                **self.of.details,
            },
        )


@dataclass(frozen=True, slots=True)
class Limits:
    """From which share of waste on it is a finding, and from which share and size on a grave one."""

    share: float
    high_share: float
    high_gb: float


def judge(
    pg: Postgres,
    relations: Iterable[Some],
    room: float,
    function: str,
    measured: Callable[[Postgres, Some], Bloat],
    estimated: Callable[[Some], Bloat],
) -> tuple[list[Bloat], int]:
    """
    What each wastes, and how many can be neither measured nor estimated. What was dropped meanwhile is neither.

    Measured are those that fit into `room`, in bytes; where one is locked or takes too long, the estimate must do.
    """
    can_measure = not pg.missing((PGSTATTUPLE,)) and pg.value(_MAY_MEASURE, [function])
    found, blind = [], 0
    for relation in relations:
        try:
            bloat = _tried(measured, pg, relation) if can_measure and relation.size <= room else None
        except VanishedError:
            continue
        room -= relation.size if bloat else 0
        bloat = bloat or (None if relation.unseen else estimated(relation))
        found += [bloat] if bloat else []
        blind += bloat is None
    return found, blind


def _tried(measured: Callable[[Postgres, Some], Bloat], pg: Postgres, relation: Some) -> Bloat | None:
    try:
        return measured(pg, relation)
    except VanishedError:
        raise
    except BrokenError:
        return None


def metrics(kind: str, found: Sequence[Bloat]) -> list[Metric]:
    """What the worst waste."""
    return [
        Metric(
            name=f"{kind}_wasted",
            value=b.wasted,
            unit=Unit.BYTES,
            labels={kind: b.of.name, "how": b.how},
            numerator=b.wasted,
            denominator=b.bytes,
        )
        for b in sorted(found, key=lambda b: -b.wasted)[:20]
    ]
