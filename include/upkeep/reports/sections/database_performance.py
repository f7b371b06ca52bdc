"""Database performance: what every job changed, table by table, before and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from upkeep.humanize import plural, size, span
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window

_MOST = 100
_COLUMNS = (
    "database", "table", "job", "dead rows:", "table:", "indexes:", "visible to all:", "rows gone:", "into files:", "time:",
)  # fmt: skip
_SHAPES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("dead", "dead rows", lambda value: f"{value:,.0f}"), ("table_bytes", "tables", size), ("index_bytes", "indexes", size),
)  # fmt: skip
_DONE = {"vacuum": "vacuumed", "analyze": "analyzed", "archive": "archived"}


@dataclass(frozen=True, slots=True)
class Changed:
    """One job on one table; `before` and `after` are shapes by name, empty where none was measured. Sizes in bytes."""

    target: str
    table_name: str
    job: str
    before: Mapping[str, float | None]
    after: Mapping[str, float | None]
    rows_gone: float | None
    file_bytes: float | None
    seconds: float | None

    @property
    def freed(self) -> float:
        """Bytes of table and indexes that were given back; negative when they grew."""
        return sum(
            (self.before.get(name) or 0) - (self.after.get(name) or 0)
            for name in ("table_bytes", "index_bytes")
            if self.before.get(name) is not None and self.after.get(name) is not None
        )


@section(Cadence.WEEKLY, Cadence.MONTHLY)
def database_performance(rows: Rows, window: Window) -> Section | None:
    """Every job of this window; None when none did anything."""
    found = rows(__file__, Changed, {"start": window.start, "end": window.end})
    if not found:
        return None
    shown = sorted(found, key=lambda each: -abs(each.freed) - (each.rows_gone or 0))[:_MOST]
    more = f"; {plural(len(found) - len(shown), 'more line')} not shown" if len(found) > len(shown) else ""
    return Section(
        title="Database performance, before and after", text=summary(found) + more, columns=_COLUMNS, rows=tuple(map(_row, shown))
    )


def summary(found: Sequence[Changed]) -> str:
    """What all of it gave together, in one sentence with both numbers."""
    parts = [
        f"{plural(number, 'table')} {verb}" for job, verb in _DONE.items() if (number := sum(each.job == job for each in found))
    ]
    # A table that was analyzed too is counted once.
    vacuumed = [each for each in found if each.job == "vacuum"]
    for name, verb, spelled in _SHAPES:
        both = [
            (b, a) for each in vacuumed if (b := each.before.get(name)) is not None and (a := each.after.get(name)) is not None
        ]
        if both and any(b != a for b, a in both):
            parts.append(f"{verb} {spelled(sum(b for b, _ in both))} to {spelled(sum(a for _, a in both))}")
    archived = [each for each in found if each.job == "archive"]
    if archived:
        into = size(sum(each.file_bytes or 0 for each in archived))
        parts.append(f"{_count(sum(each.rows_gone or 0 for each in archived))} rows archived into {into}")
    return "; ".join(parts)


def _row(each: Changed) -> tuple[str, ...]:
    return (
        each.target, each.table_name, each.job, _both(each, "dead", _count), _both(each, "table_bytes", size),
        _both(each, "index_bytes", size), _visible(each), _count(each.rows_gone) if each.rows_gone else "",
        size(each.file_bytes) if each.file_bytes else "", span(each.seconds) if each.seconds is not None else "",
    )  # fmt: skip


def _both(each: Changed, name: str, write: Callable[[float], str]) -> str:
    before, after = each.before.get(name), each.after.get(name)
    if before is None or after is None:
        return ""
    return write(before) if before == after else f"{write(before)} to {write(after)}"


def _visible(each: Changed) -> str:
    shares = [_share(shape.get("visible_pages"), shape.get("pages")) for shape in (each.before, each.after)]
    return " to ".join(dict.fromkeys(shares)) if all(shares) else ""


def _share(some: float | None, all_of_them: float | None) -> str:
    return f"{some / all_of_them:.0%}" if some is not None and all_of_them else ""


def _count(value: float) -> str:
    return f"{value:,.0f}"
