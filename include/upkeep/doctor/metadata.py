"""Airflow's own metadata database: of which kind it is, and what nobody says about it."""

from collections.abc import Iterator, Sequence

from upkeep.config.inventory import Inventory
from upkeep.config.own_databases import metadata_left_out
from upkeep.duty import Duty
from upkeep.targets.airflow_database import AirflowDatabase
from upkeep.targets.diagnosis import Diagnosis, Level

_KINDS = {"sqlite": "SQLite, which is for trying only", "mysql": "MySQL, which Upkeep does not look after"}
_MOVE = (
    "let Airflow keep its metadata in PostgreSQL ([database] sql_alchemy_conn, then `airflow db migrate`), and give it a "
    "connection airflow_monitor_db: docs/operations.md"
)
_WATCH = "give Airflow a connection airflow_monitor_db (docs/operations.md), or say `own_databases: {airflow: false}`"


def metadata(kind: str, inventory: Inventory, duties: Sequence[Duty], where: str) -> Iterator[Diagnosis]:
    """What stays unknown of it; nothing where it is a target. `kind` is the first word of its address, "" where nobody knows."""
    left_out = metadata_left_out(inventory.settings.own_databases, inventory.targets)
    if kind and kind != "postgresql":
        yield _note(f"Airflow keeps it in {_KINDS.get(kind, kind)}: {unasked(duties)}", _MOVE, where)
    elif kind and left_out:
        yield _note(f"it is no target: {unasked(duties)}", _WATCH, where)


def unasked(duties: Sequence[Duty]) -> str:
    """The duties that say nothing, in words: those that only such a database has, and how many are about any."""
    own = [duty.name for duty in duties if duty.target is AirflowDatabase]
    others = sum(issubclass(AirflowDatabase, duty.target) for duty in duties) - len(own)
    return f"{', '.join(own)} and {others} duties of databases say nothing about it"


def _note(message: str, remedy: str, where: str) -> Diagnosis:
    return Diagnosis(subject="Airflow's metadata", about="database", level=Level.NOTE, text=message, remedy=remedy, where=where)
