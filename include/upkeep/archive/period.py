"""Which rows are old, and the day, month or year that the oldest of them belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from upkeep.archive.session import Session, standing
from upkeep.archive.subject import Subject
from upkeep.targets.archive import Archive

if TYPE_CHECKING:
    from psycopg.sql import Composed

_FORMAT = {"day": "YYYY-MM-DD", "month": "YYYY-MM", "year": "YYYY"}
# A local moment as a value of the column, and a value of the column as a local moment.
_OF_LOCAL = {
    "date": "{0}::pg_catalog.timestamp::pg_catalog.date",
    "timestamp without time zone": "{0}::pg_catalog.timestamp",
    "timestamp with time zone": "({0}::pg_catalog.timestamp at time zone {zone})",
}
_LOCAL = {
    "date": "{0}::pg_catalog.timestamp",
    "timestamp without time zone": "{0}",
    "timestamp with time zone": "({0} at time zone {zone})",
}

_TYPE = {
    "date": "pg_catalog.date", "timestamp without time zone": "pg_catalog.timestamp",
    "timestamp with time zone": "pg_catalog.timestamptz",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """Rows from `first` to before `end`, local moments of the plan's time zone as text; `value` names it in a folder."""

    value: str
    first: str
    end: str


@dataclass(frozen=True, slots=True)
class Undated:
    """Rows that no run archives: without a date, or dated infinity."""

    missing: int
    infinite: int


def cutoff(session: Session, plan: Archive, now: datetime) -> str:
    """The local midnight before which rows are old, as text."""
    asked = "select (pg_catalog.date_trunc('day', %s::timestamptz at time zone %s) - %s::interval)::text"
    return str(session.one(asked, [now, plan.time_zone, plan.keep])[0])


def oldest(session: Session, subject: Subject, plan: Archive, after: str | None, before: str) -> Period | None:
    """The period of the oldest row that is old and not before `after`; None when there is no such row."""
    from psycopg.sql import SQL, Identifier, Literal

    column = SQL("t.{}").format(Identifier(plan.column))
    since = SQL("{} >= {} and").format(column, of_local(subject, plan, after)) if after else SQL("")
    statement = SQL(
        "with old as (select pg_catalog.min({column}) as at from only {table} as t "
        "where {since} {column} < {before} and pg_catalog.isfinite({column})), "
        "trunced as (select pg_catalog.date_trunc({by}, {local}) as first from old where at is not null) "
        "select pg_catalog.to_char(first, {form}), first::text, "
        "least(first + {step}::interval, {end}::timestamp)::text from trunced"
    ).format(
        column=column, table=Identifier(subject.schema, subject.name), since=since, by=Literal(plan.by),
        before=of_local(subject, plan, before), local=_snippet(_LOCAL[subject.column_type], SQL("at"), plan),
        form=Literal(_FORMAT[plan.by]), step=Literal(f"1 {plan.by}"), end=Literal(before),
    )  # fmt: skip
    with standing(subject.label):
        row = session.connection.execute(statement).fetchone()
    return Period(*map(str, row)) if row else None


def period_condition(subject: Subject, plan: Archive, period: Period) -> "Composed":
    """The condition of a period's rows."""
    from psycopg.sql import SQL, Identifier

    return SQL("t.{column} >= {first} and t.{column} < {end}").format(
        column=Identifier(plan.column), first=of_local(subject, plan, period.first), end=of_local(subject, plan, period.end)
    )


def old_rows(session: Session, subject: Subject, plan: Archive, before: str) -> int:
    """How many rows are old now."""
    from psycopg.sql import SQL, Identifier

    statement = SQL("select pg_catalog.count(*) from only {} as t where t.{} < {} and pg_catalog.isfinite(t.{})").format(
        Identifier(subject.schema, subject.name),
        Identifier(plan.column),
        of_local(subject, plan, before),
        Identifier(plan.column),
    )
    return int(session.one(statement)[0])


def undated(session: Session, subject: Subject, plan: Archive) -> Undated:
    """Rows that stay whatever their age."""
    from psycopg.sql import SQL, Identifier

    column = SQL("t.{}").format(Identifier(plan.column))
    infinite = SQL("{0} in ('infinity', '-infinity')").format(column)
    statement = SQL(
        "select pg_catalog.count(*) filter (where {0} is null), pg_catalog.count({0}) from only {1} as t where {0} is null or {2}"
    ).format(column, Identifier(subject.schema, subject.name), infinite)
    return Undated(*session.one(statement))


def of_local(subject: Subject, plan: Archive, moment: str) -> "Composed":
    """A local moment as a value of the dated column."""
    from psycopg.sql import Literal

    return _snippet(_OF_LOCAL[subject.column_type], Literal(moment), plan)


def of_value(subject: Subject, value: Any) -> "Composed":
    """A value as a file has it, as one of the dated column."""
    from psycopg.sql import SQL, Literal

    return SQL("{}::{}").format(Literal(str(value)), SQL(_TYPE[subject.column_type]))


def _snippet(text: str, value: Any, plan: Archive) -> "Composed":
    from psycopg.sql import SQL, Literal

    return SQL(text).format(value, zone=Literal(plan.time_zone))
