"""Telling the report database what is looked after: targets, duties, due days, currency rates and waivers, replaced by key."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from upkeep.config.currency_rates import CurrencyRate
from upkeep.config.inventory import Inventory
from upkeep.config.waivers import Waiver
from upkeep.duty import Duty
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql

if TYPE_CHECKING:
    import psycopg

_LOCK = "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('upkeep declare', 0))"


def declare(connection: "psycopg.Connection[Any]", inventory: Inventory, duties: Iterable[Duty]) -> None:
    """
    Make target, duty, due_days and currency_rate rows say what inventory and code say. One transaction.

    What is gone stays, inactive, but for rates.
    """
    slack = {person.name: person.slack for person in inventory.settings.people}
    targets = [(t.name, t.section, t.owner, slack[t.owner], t.red_at, list(t.tags), t.runbook) for t in inventory.targets]
    rows = [(d.name, d.area, d.kind, d.cadence.value, d.owner, d.title, d.dated, d.target.section) for d in duties]
    with translate_errors(), connection.transaction():
        connection.execute(_LOCK)
        _replace(connection, "declare_target", "retire_targets", targets)
        _replace(connection, "declare_duty", "retire_duties", rows)
        with connection.cursor() as cursor:
            cursor.executemany(sql("declare_due_days"), list(inventory.settings.due_days.model_dump().items()))
            _declare_rates(cursor, inventory.settings.currency_rates)


def declare_waivers(connection: "psycopg.Connection[Any]", waivers: Iterable[Waiver]) -> None:
    """Make waiver rows say what the file says. Give none when the file is wrong: then nothing is quieted."""
    rows = [(w.id, w.duty, w.target, w.rule, w.object, w.reason, w.issue, w.approver, w.first_day, w.expires_on) for w in waivers]
    with translate_errors(), connection.transaction():
        connection.execute(_LOCK)
        _replace(connection, "declare_waiver", "retire_waivers", rows)


def _declare_rates(cursor: "psycopg.Cursor[Any]", rates: Sequence[CurrencyRate]) -> None:
    rows = [(r.day, r.from_currency, r.to_currency, r.rate, r.source) for r in rates]
    cursor.executemany(sql("declare_currency_rate"), rows)
    cursor.execute(sql("retire_currency_rates"), [[row[n] for row in rows] for n in range(3)])


def _replace(connection: "psycopg.Connection[Any]", put: str, retire: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql(put), rows)
    connection.execute(sql(retire), [[row[0] for row in rows]])
