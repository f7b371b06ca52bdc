"""The newest backup against those before it: size, duration, tables, server. Pure; `backup_completed` asks it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from upkeep.answer import Finding, Severity
from upkeep.formats.backup_listing import Taken
from upkeep.humanize import plural, size, span
from upkeep.units import Unit

ENOUGH = 3
MOST = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """
    How far the newest may be from the median of up to ten before it.

    `shrink_share` is the share of the size that must be left; differences below `size_floor` bytes and durations below
    `slow_floor` seconds are never judged. `emptied_rows` is how many rows a table must have had for its emptiness to count.
    """

    shrink_share: float
    grow_factor: float
    size_floor: float
    slow_factor: float
    slow_floor: float
    emptied_rows: float


def compared(newest: Taken, earlier: Sequence[Taken], limits: Limits) -> Iterator[Finding]:
    """Findings about the newest backup; `earlier` are complete ones, newest first."""
    yield from _size(newest, earlier[:MOST], limits)
    yield from _slow(newest, earlier[:MOST], limits)
    if earlier:
        yield from _server(newest, earlier[0])
        yield from _tables(newest, earlier[:MOST], limits)


def sizes(newest: Taken, earlier: Sequence[Taken]) -> tuple[float | None, list[float], str]:
    """The newest's size and comparable ones: before compression where that is known of enough, else as stored."""
    raw = [float(each.raw_bytes) for each in earlier if each.raw_bytes is not None]
    if newest.raw_bytes is not None and len(raw) >= ENOUGH:
        return newest.raw_bytes, raw, "before compression"
    return newest.stored_bytes, [float(each.stored_bytes) for each in earlier if each.stored_bytes is not None], "as stored"


def _size(newest: Taken, earlier: Sequence[Taken], limits: Limits) -> Iterator[Finding]:
    now, before, how = sizes(newest, earlier)
    if now is None or len(before) < ENOUGH:
        return
    usual = median(before)
    if abs(now - usual) < limits.size_floor:
        return
    message = f"{size(now)} {how}, the median of {plural(len(before), 'backup')} before it {size(usual)}"
    if now < usual * limits.shrink_share:
        yield _finding(
            "backup_shrank",
            Severity.HIGH,
            f"the newest backup is suddenly small: {message} (limit {size(usual * limits.shrink_share)})",
            "see whether data is gone or the backup is of another database, and keep an earlier backup until that is known",
            (now, usual * limits.shrink_share, Unit.BYTES),
        )
    elif now > usual * limits.grow_factor:
        yield _finding(
            "backup_grew",
            Severity.MEDIUM,
            f"the newest backup is suddenly large: {message} (limit {size(usual * limits.grow_factor)})",
            "see which table grew (database_growth, table_bloat), and whether the place of the backups has room for it",
            (now, usual * limits.grow_factor, Unit.BYTES),
        )


def _slow(newest: Taken, earlier: Sequence[Taken], limits: Limits) -> Iterator[Finding]:
    before = [each.seconds for each in earlier if each.seconds is not None and each.kind == newest.kind]
    if newest.seconds is None or len(before) < ENOUGH:
        return
    usual = median(before)
    limit = max(usual * limits.slow_factor, limits.slow_floor)
    if newest.seconds > limit:
        yield _finding(
            "backup_slow",
            Severity.MEDIUM,
            f"the newest backup took {span(newest.seconds)}, the median of {plural(len(before), 'backup')} before it "
            f"{span(usual)} (limit {span(limit)})",
            "see what else used the server, the network or the store at that time; a backup of Upkeep says its time by stage",
            (newest.seconds, limit, Unit.SECONDS),
        )


def _server(newest: Taken, last: Taken) -> Iterator[Finding]:
    now, before = newest.system_identifier, last.system_identifier
    if now and before and now != before:
        yield _finding(
            "another_server",
            Severity.HIGH,
            f"the newest backup is of server {now}, the one before it of {before}: another cluster answers at this address",
            "after a planned upgrade or move this is right, and gone with the next backup; else see where the connection leads, "
            "and keep the earlier backups",
        )


def _tables(newest: Taken, earlier: Sequence[Taken], limits: Limits) -> Iterator[Finding]:
    last, now = earlier[0].table_rows, newest.table_rows
    if not last or not now:
        return
    fresh = sorted(now.keys() - last.keys())
    for table in sorted(last.keys() - now.keys()):
        yield _lost(table, last[table], fresh, limits)
    for table in sorted(last.keys() & now.keys()):
        # A queue or a staging table that was empty before is so again.
        if now[table] == 0 and last[table] >= limits.emptied_rows and all(_had_rows(each.table_rows, table) for each in earlier):
            yield _finding(
                "table_emptied",
                Severity.HIGH,
                f"{table} had {plural(last[table], 'row')} in the backup before and has none in the newest",
                "if nobody meant that, restore the backup before beside it (upkeep restore) and copy the rows back",
                (0, limits.emptied_rows, Unit.ROWS),
                table,
            )


def _had_rows(rows: Mapping[str, int], table: str) -> bool:
    return rows.get(table, 1) > 0


def _lost(table: str, rows: int, fresh: list[str], limits: Limits) -> Finding:
    new = f"; new since then: {', '.join(fresh[:5])}" if fresh else ""
    return Finding(
        rule="table_lost",
        object=table,
        severity=Severity.HIGH if rows >= limits.emptied_rows else Severity.MEDIUM,
        title=f"{table}, with {plural(rows, 'row')} in the backup before, is not in the newest{new}",
        remedy="if it was dropped or renamed on purpose, this is gone with the next backup; else restore the backup before",
        value=rows,
        unit=Unit.ROWS,
        details={"new_tables": fresh[:50]},
    )


def _finding(
    rule: str,
    severity: Severity,
    title: str,
    remedy: str,
    numbers: tuple[float, float, Unit] | None = None,
    about: str = "newest backup",
) -> Finding:
    value, limit, unit = numbers or (None, None, None)
    return Finding(
        rule=rule, object=about, severity=severity, title=title, remedy=remedy, value=value, limit=limit, unit=unit
    )  # fmt: skip
