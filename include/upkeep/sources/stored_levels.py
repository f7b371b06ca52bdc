"""Levels that other duties measured day by day and that have limits: storage, connections, ids, sequences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby

from upkeep.sources.rows import Rows

PAST_DAYS = 500
WRAPAROUND = 1 - 3_000_000 / 2**31
"""Share of 2^31 ids at which the server refuses writes."""


@dataclass(frozen=True, slots=True)
class Measure:
    """
    A stored number that a plan wants to know.

    `limit` is in its own unit, None where there is none or the inventory says it. Of its parts the `most` fullest are looked at.
    """

    duty: str
    name: str
    label: str
    limit: float | None = None
    remedy: str = ""
    most: int = 5


_FREEZE = "see wraparound and xmin_horizon: freezing does not keep up with what is used"
MEASURES = (
    Measure(
        "database_growth", "server_bytes", "storage", None,
        "order storage, or remove what is not needed: bloated tables, unused indexes, rows past their time",
    ),
    Measure("database_growth", "database_bytes", "size of"),
    Measure(
        "connection_use", "connections_used", "connections of", 1.0,
        "put a pooler in front; raise the limit if memory allows",
    ),
    Measure("wraparound", "xid_age", "transaction ids of", WRAPAROUND, _FREEZE),
    Measure("wraparound", "multixact_age", "multixacts of", WRAPAROUND, _FREEZE),
    Measure("sequences", "sequence_used", "sequence", 1.0, "widen the column and its sequence to bigint while there is time"),
    Measure("query_performance", "statements_total_ms", "time of all statements"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Day:
    """One number of one day."""

    name: str
    labels: Mapping[str, str]
    unit: str
    day: date
    value: float


@dataclass(frozen=True, slots=True)
class Level:
    """One part of a measure, by days (UTC)."""

    measure: Measure
    labels: Mapping[str, str]
    unit: str
    points: Sequence[tuple[datetime, float]]

    @property
    def name(self) -> str:
        """How a person calls it, such as `connections of role shop`."""
        return f"{self.measure.label} {label(self.labels)}".strip()


def stored_levels(rows: Rows, target: str, end: datetime) -> list[Level]:
    """What was measured of a target until `end`, 500 days at most. Raises BrokenError when the report database is away."""
    wanted = {"duties": [m.duty for m in MEASURES], "names": [m.name for m in MEASURES]}
    days = rows(__file__, Day, {**wanted, "target": target, "since": end - timedelta(days=PAST_DAYS), "end": end})
    parts = [list(part) for _, part in groupby(days, key=lambda day: (day.name, label(day.labels)))]
    found = []
    for measure in MEASURES:
        mine = sorted((part for part in parts if part[0].name == measure.name), key=_fullest)
        found += [_level(measure, part) for part in mine[: measure.most]]
    return found


def label(labels: Mapping[str, str]) -> str:
    """Which part a number is of, in a few words: `role shop`, `the server`, or a name."""
    if labels.get("scope") in {"server", "walsenders"}:
        return "the server" if labels["scope"] == "server" else "walsenders"
    return " ".join(labels[key] for key in sorted(labels, reverse=True) if labels[key])


def _fullest(part: Sequence[Day]) -> tuple[float, str]:
    return -part[-1].value, label(part[-1].labels)


def _level(measure: Measure, part: Sequence[Day]) -> Level:
    points = [(datetime(d.day.year, d.day.month, d.day.day, tzinfo=UTC), d.value) for d in part]
    return Level(measure, part[-1].labels, part[-1].unit, points)
