"""What would be cleaned of a metadata database, and how that is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from upkeep.decisions.markdown import code
from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.db_clean import Cleaning
from upkeep.humanize import size
from upkeep.sources.postgres import Postgres

_ARCHIVE = "_airflow_deleted__"
# Left by the upgrade to 3.0; the command that drops archive tables takes it for one of them.
_OLD_XCOMS = "_xcom_archive"


@dataclass(frozen=True, slots=True)
class Table:
    """One table as it is; the fields are the columns of the question."""

    name: str
    quoted: str
    rows: int
    bytes: int


def steps_of(
    pg: Postgres, found: Mapping[str, Table], *, keep_days: float, batch_rows: int, tables: str, export_to: str
) -> dict[str, Any]:
    """Everything that decides what is done. The moment is that of the month, so that the same plan is the same for all of it."""
    month: datetime = pg.value("select pg_catalog.date_trunc('month', pg_catalog.now() at time zone 'UTC')")
    before = month.replace(tzinfo=UTC) - timedelta(days=keep_days)
    wanted = [name for name in (part.strip() for part in tables.split(",")) if name in found]
    if not wanted:
        raise CannotAskError(f"none of the tables {tables} is there", "correct `tables` of metadata_retention")
    return {
        "clean_before": before.isoformat(),
        "tables": dict.fromkeys(wanted, 0),
        "batch_rows": batch_rows,
        "export_to": export_to,
        "archives": archives_in(found),
        "revision": _revision(pg, found),
        "database": pg.database,
    }


def archives_in(names: Iterable[str]) -> list[str]:
    """Those that the command made to keep what it deleted, and what it takes for such a table."""
    return sorted(name for name in names if name.startswith(_ARCHIVE) or name == _OLD_XCOMS)


def arguments(steps: Mapping[str, Any]) -> list[str]:
    """What the command is told, dry or not."""
    tables, rows = ",".join(steps["tables"]), str(steps["batch_rows"])
    return ["--clean-before-timestamp", steps["clean_before"], "--tables", tables, "--batch-size", rows]


def _revision(pg: Postgres, found: Mapping[str, Table]) -> str:
    """Which version of its tables Airflow has there: after an upgrade it is planned again."""
    if "alembic_version" not in found:
        return ""
    asked = "select pg_catalog.max(version_num) from "
    return str(pg.value(asked + found["alembic_version"].quoted))


def refuse_unread(pg: Postgres, cleaning: Cleaning) -> None:
    """Raise CannotAskError when rows could not be counted: what is not known is not proposed."""
    if cleaning.failed or not cleaning.rows:
        names = ", ".join(cleaning.failed) or "any table"
        role = pg.value("select pg_catalog.quote_ident(current_user)")
        raise CannotAskError(f"airflow db clean could not count rows of {names}", f"grant pg_read_all_data to {role};")


def text_of(pg: Postgres, steps: Mapping[str, Any], found: Mapping[str, Table], cleaning: Cleaning) -> list[str]:
    """The plan in Markdown, with the command itself."""
    lines = [f"Rows from before **{steps['clean_before'][:16]} UTC**, as a dry run of Airflow's own command counts them:", "",
        "| Table | Rows that go | of about | Oldest | Room |", "|---|---:|---:|---|---:|"]  # fmt: skip
    for name, rows in steps["tables"].items():
        table = found[name]
        room = table.bytes * rows // max(rows, table.rows, 1)
        lines.append(f"| {code(name)} | {rows:,} | {max(table.rows, rows):,} | {_oldest(pg, table, cleaning)} | {size(room)} |")
    return [*lines, "", "What hangs on these rows goes with them. The newest scheduled run of each DAG stays.",
        "The room is free for new rows; files do not shrink.", _fate(steps), "", f"    {command_line(steps)}"]  # fmt: skip


def _fate(steps: Mapping[str, Any]) -> str:
    there = f" Archive tables of these that are there already ({len(steps['archives'])}) " if steps["archives"] else ""
    if steps["export_to"]:
        more = f"{there}are exported and dropped too." if there else ""
        return f"They are exported to {code(steps['export_to'])} as CSV, and the archive tables dropped.{more}"
    return "They are **not kept** anywhere." + (f"{there}are left alone." if there else "")


def _oldest(pg: Postgres, table: Table, cleaning: Cleaning) -> str:
    from psycopg.sql import SQL, Identifier

    column = cleaning.dated_by.get(table.name)
    if column is None:
        return "?"
    asked = SQL("select pg_catalog.min({}) from ").format(Identifier(column)).as_string() + table.quoted
    try:
        oldest = pg.value(asked)
    except (BrokenError, CannotAskError):
        return "not read in time"
    return f"{oldest:%Y-%m-%d}" if oldest else "?"


def command_line(steps: Mapping[str, Any]) -> str:
    """The command for people; it asks before it deletes."""
    keep = "" if steps["export_to"] else " --skip-archive"
    return f"airflow db clean {' '.join(arguments(steps))}{keep}"
