"""What pg_partman is told to do, against the partitions that are there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from upkeep.answer import Finding, Severity
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.units import Unit

_DAY_S = 86_400
# Columns differ by version: read as JSON. A retention of numbers is no span of time, and is not judged.
_SETS = """
    select
        pg_catalog.format(
            '%I.%I', pg_catalog.split_part(config.parent_table, '.', 1),
            pg_catalog.substr(config.parent_table, pg_catalog.strpos(config.parent_table, '.') + 1)
        ) as parent,
        pg_catalog.to_jsonb(config) as told,
        extract(epoch from pg_catalog.clock_timestamp())::float8 as now,
        case
            when pg_catalog.to_jsonb(config) ->> 'retention' ~ '[a-z:]'
                then extract(
                    epoch from pg_catalog.clock_timestamp() - (pg_catalog.to_jsonb(config) ->> 'retention')::interval
                )::float8
        end as keep_from,
        extract(epoch from (pg_catalog.to_jsonb(config) ->> 'maintenance_last_run')::timestamptz)::float8 as last_run
    from {table} as config
    order by parent
"""


class PartLike(Protocol):
    """As much of a partition as matters here."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def high(self) -> float | None: ...  # noqa: D102
    @property
    def low(self) -> float | None: ...  # noqa: D102


class TableLike(Protocol):
    """As much of a partitioned table as matters here."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def key(self) -> str: ...  # noqa: D102
    @property
    def period(self) -> float | None: ...  # noqa: D102
    @property
    def ranges(self) -> Sequence[PartLike]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Place:
    name: str
    readable: bool
    remedy: str


@dataclass(frozen=True, slots=True)
class Told:
    """One set of pg_partman. `keep_from` and `last_run` are seconds since 1970, None where there is none."""

    parent: str
    told: Mapping[str, Any]
    now: float
    keep_from: float | None
    last_run: float | None

    @property
    def automatic(self) -> bool:
        """Whether maintenance of everything includes it."""
        return bool(self.told.get("automatic_maintenance", "on") == "on")

    def statement(self, beginning: str) -> str:
        """A statement about its own row."""
        name = str(self.told["parent_table"]).replace("'", "''")
        return f"{beginning} where parent_table = '{name}';"


def told_findings(pg: Postgres, parents: Sequence[TableLike], silent_days: float) -> tuple[int, list[Finding]]:
    """How many sets pg_partman is told about, and what is wrong with them; nothing where it is not there."""
    found, sets = [], []
    for place in pg.measure(__file__, _Place):
        if place.readable:
            sets += pg.query(_SETS.replace("{table}", place.name), Told)
        else:
            found.append(_unread(place))
    by_name = {table.name: table for table in parents}
    return len(sets), [*found, *(finding for told in sets for finding in _judged(told, by_name.get(told.parent), silent_days))]


def _judged(told: Told, table: TableLike | None, silent_days: float) -> Iterator[Finding]:
    if table is None:
        message = "is in part_config, and there is no such partitioned table"
        remedy = told.statement("delete from part_config") + " -- maintenance of all sets may stop at it"  # noqa: S608 - a text for people
        yield _finding(told, "partman_parent_missing", Severity.MEDIUM, message, remedy)
        return
    yield from _switched_off(told)
    yield from _not_run(told, silent_days)
    if table.key == "time" and table.period and table.ranges:
        yield from _behind(told, table, table.period)
        yield from _kept_too_long(told, table)


def _switched_off(told: Told) -> Iterator[Finding]:
    if not told.automatic:
        message = "has automatic_maintenance off: nothing makes its partitions"
        remedy = told.statement("update part_config set automatic_maintenance = 'on'")
        remedy += " -- or see that something calls run_maintenance for it"
        yield _finding(told, "partman_maintenance_off", Severity.MEDIUM, message, remedy)
    if told.told.get("undo_in_progress"):
        message = "is being unpartitioned: no maintenance runs until that ends"
        remedy = "call undo_partition_proc again until it is done, or set undo_in_progress to false"
        yield _finding(told, "partman_undo_in_progress", Severity.MEDIUM, message, remedy)


def _not_run(told: Told, silent_days: float) -> Iterator[Finding]:
    silent = (told.now - told.last_run) / _DAY_S if told.last_run is not None else 0
    if told.automatic and silent > silent_days:
        title = f"was last maintained {silent:.1f} days ago (limit {silent_days:g})"
        numbers: dict[str, Any] = {"value": silent, "limit": silent_days, "unit": Unit.DAYS}
        yield _finding(told, "partman_maintenance_missing", Severity.HIGH, title, _RUN, **numbers)


_RUN = "see what should call run_maintenance (pg_partman_bgw, cron) and its log; then: call partman.run_maintenance_proc();"


def _behind(told: Told, table: TableLike, period: float) -> Iterator[Finding]:
    """Fewer partitions lie ahead than premake says: maintenance does not run, or it waits for rows that do not come."""
    premake = int(told.told.get("premake") or 0)
    ahead = sum(1 for part in table.ranges if part.low is not None and part.low > told.now)
    if ahead >= premake:
        return
    newest = table.ranges[-1].high or 0.0
    waits = not told.told.get("infinite_time_partitions") and newest < told.now + period
    why = "it makes none while no rows come (infinite_time_partitions is off)" if waits else "maintenance does not keep up"
    mend = [told.statement("update part_config set infinite_time_partitions = true")] if waits else []
    message = f"has {plural(ahead, 'partition')} ahead, and premake is {premake}: {why}"
    yield _finding(told, "partman_behind", Severity.MEDIUM if ahead else Severity.HIGH, message, "\n".join([*mend, f"-- {_RUN}"]),
        value=ahead, limit=premake, unit=Unit.COUNT)  # fmt: skip


def _kept_too_long(told: Told, table: TableLike) -> Iterator[Finding]:
    if told.keep_from is None:
        return
    old = [part.name for part in table.ranges if part.high is not None and part.high < told.keep_from - (table.period or 0)]
    if old:
        message = f"keeps {plural(len(old), 'partition')} beyond its retention of {told.told['retention']}: {', '.join(old[:3])}"
        yield _finding(told, "partman_retention_not_applied", Severity.MEDIUM, message, f"-- {_RUN}",
            value=len(old), limit=0, unit=Unit.COUNT)  # fmt: skip


def _unread(place: _Place) -> Finding:
    title = f"{place.name}, what pg_partman is told, cannot be read by Upkeep's role"
    return Finding(rule="partman_unread", object=place.name, severity=Severity.LOW, title=title, remedy=place.remedy)


def _finding(told: Told, rule: str, severity: Severity, title: str, remedy: str, **more: Any) -> Finding:
    message = f"{told.parent} {title}"
    return Finding(rule=rule, object=told.parent, severity=severity, title=message, remedy=remedy, **more)
