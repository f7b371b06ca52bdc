"""Settings of one table proposed where vacuum by hand was needed again and again, with the arithmetic. Pure."""

from collections.abc import Iterator, Sequence

from upkeep.answer import Finding, Severity
from upkeep.jobs.database.vacuum_need import Need, Table
from upkeep.maintenance.work import Outcome, Work
from upkeep.units import Unit

OFTEN = 2
_APART_S = 86_400
# A quarter of what was found: autovacuum then comes while there is little to do.
_PART = 4
_FINEST = 0.001
_MARKS = {"dead": "dead rows,", "inserts": "rows inserted", "freeze": "of where it is frozen by force"}


def proposals(found: Need, past: Sequence[Work]) -> Iterator[Finding]:
    """For each reason for which it was vacuumed by hand twice or more, on different days, what would make that needless."""
    for kind, mark in _MARKS.items():
        times = _days(work for work in past if any(mark in reason for reason in work.reasons))
        if kind in found.kinds and times >= OFTEN:
            yield _finding(found.table, kind, times)


def _days(works: "Iterator[Work]") -> int:
    """How often, where what was done within a day counts once."""
    moments = sorted(work.begun_at.timestamp() for work in works if work.outcome is Outcome.DONE)
    count, last = 0, -float("inf")
    for moment in moments:
        if moment - last >= _APART_S:
            count, last = count + 1, moment
    return count


def _finding(t: Table, kind: str, times: int) -> Finding:
    settings, arithmetic = _FOR[kind](t)
    again = "" if t.enabled else f"alter table {t.name} reset (autovacuum_enabled); "
    return Finding(
        rule=f"vacuum_settings_{kind}", object=t.name, severity=Severity.LOW,
        title=f"{t.name} had to be vacuumed by hand {times} times for the same reason ({kind}): {arithmetic}",
        remedy=f"{again}alter table {t.name} set ({settings}); -- {arithmetic}", value=times, limit=OFTEN - 1, unit=Unit.COUNT,
    )  # fmt: skip


def _dead(t: Table) -> tuple[str, str]:
    wanted = max(t.dead / _PART, t.base)
    settings = _begin("autovacuum_vacuum", wanted, t.base, t.tuples)
    message = f"autovacuum begins at {t.base:,.0f} + {t.scale:g} x {t.tuples:,.0f} rows = {t.dead_limit:,.0f}"
    return settings, f"{message}, and {t.dead:,.0f} were dead; so it begins at {wanted:,.0f}"


def _inserts(t: Table) -> tuple[str, str]:
    wanted = max(t.inserted / _PART, t.insert_base)
    part = f" x {t.unfrozen:.2f} not frozen" if t.unfrozen < 1 else ""
    begins = f"{t.insert_base:,.0f} + {t.insert_scale:g} x {t.tuples:,.0f} rows{part} = {t.insert_limit or 0:,.0f}"
    message = f"autovacuum begins at {begins}"
    settings = _begin("autovacuum_vacuum_insert", wanted, t.insert_base, t.tuples * t.unfrozen)
    return settings, f"{message}, and {t.inserted:,.0f} were new; so it begins at {wanted:,.0f}"


def _freeze(t: Table) -> tuple[str, str]:
    age, young = t.freeze_age / 2, t.freeze_age / 8
    settings = f"autovacuum_freeze_table_age = {age:.0f}, autovacuum_freeze_min_age = {young:.0f}"
    message = f"half and an eighth of {t.freeze_age:,.0f}, where it is frozen by force"
    return (
        settings,
        f"so each vacuum freezes rows of {young:,.0f} transactions, and the whole table from {age:,.0f} on ({message})",
    )


def _begin(name: str, wanted: float, base: float, rows: float) -> str:
    """A share of the rows, or a number of rows where the share would be too fine."""
    scale = (wanted - base) / rows if rows else 0.0
    if scale < _FINEST:
        return f"{name}_scale_factor = 0, {name}_threshold = {wanted:.0f}"
    return f"{name}_scale_factor = {scale:.3g}"


_FOR = {"dead": _dead, "inserts": _inserts, "freeze": _freeze}
