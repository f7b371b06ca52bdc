"""Waivers in the report database: what the file says, and which of them nobody needs any more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from upkeep.config.inventory import Inventory
from upkeep.config.waivers import Waiver, load_waivers, waived, waivers_path
from upkeep.duty import Duty
from upkeep.errors import InventoryError
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.sync_definitions import declare_waivers

if TYPE_CHECKING:
    import psycopg

__all__ = ["StaleWaiver", "current_waivers", "stale_waivers", "sync_waivers", "waived"]


@dataclass(frozen=True, slots=True)
class StaleWaiver:
    """A waiver of the file that has expired, or that no open finding needs."""

    id: str
    duty: str
    target: str | None
    rule: str | None
    object: str | None
    approver: str
    issue: str
    expires_on: date
    expired: bool

    def __str__(self) -> str:
        about = " ".join(part for part in (self.duty, self.target, self.rule, self.object) if part)
        problem = f"expired on {self.expires_on}" if self.expired else "quiets nothing: no open finding matches it"
        return f"waiver for {about} (approved by {self.approver}, {self.issue}) {problem}; take it out of the file or renew it"


def sync_waivers(connection: "psycopg.Connection[Any]", inventory: Inventory, duties: Sequence[Duty]) -> None:
    """
    Make waiver rows say what the waivers file says.

    A wrong file raises InventoryError with file and line, and none of its waivers quiets anything any more.
    """
    try:
        waivers = load_waivers(waivers_path(), inventory, duties)
    except InventoryError:
        declare_waivers(connection, ())
        raise
    declare_waivers(connection, waivers)


def current_waivers(connection: "psycopg.Connection[Any]") -> tuple[Waiver, ...]:
    """Waivers of the file as they were last synced, whether or not they hold today; see `waived`."""
    from psycopg.rows import dict_row

    with translate_errors(), connection.cursor(row_factory=dict_row) as cursor:
        return tuple(Waiver.model_validate(row) for row in cursor.execute(sql("current_waivers")))


def stale_waivers(connection: "psycopg.Connection[Any]", moment: datetime) -> tuple[StaleWaiver, ...]:
    """Waivers of the file that had expired by `moment` or matched nothing that was open then, soonest expiry first."""
    from psycopg.rows import class_row

    with translate_errors(), connection.cursor(row_factory=class_row(StaleWaiver)) as cursor:
        return tuple(cursor.execute(sql("stale_waivers"), {"moment": moment}))
