"""One verified backup of every database."""

from collections.abc import Iterator

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.backups.manifest import DamagedError
from upkeep.backups.registry import Record, Registry
from upkeep.backups.shelf import own_plan, place_of
from upkeep.backups.stages import Stages
from upkeep.duty import Progress, job
from upkeep.humanize import plural, size, span
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence


@job(Cadence.BACKUPS, owner="database", after=("heartbeat",), hours=11, queue="heavy", at_once=2)
def backup(db: Database, connections: Connections, registry: Registry, progress: Progress) -> Answer:
    """
    Take a backup of the whole database, read all of it back, and keep what proves it.

    Definitions come from pg_dump, rows from COPY, both in one exported snapshot that is taken after every table was locked
    against changes of its form. Rows are counted and digested while they are packed with zstd and, where asked, encrypted with
    age, so that a restored copy can be compared exactly however much was written meanwhile. The manifest is stored last, after
    every object has been read back: no other backup is called complete. Safe to kill at any point: the next run removes what is
    half made, and earlier backups are never touched. The manifest names what is not proven, such as rows of foreign tables.
    Beside it lies a script that restores without Upkeep.
    """
    from upkeep.backups.take import Taking  # its thirty modules are not for who only reads a DAG file

    plan = own_plan(db, "and backup_completed judges them")
    place = place_of(connections.objects(str(plan.to), plan.connection), db.name)
    taking = Taking(
        db.name,
        connections.postgres(plan.login or db.connection),
        plan,
        place,
        registry,
        Stages(progress),
    )
    try:
        record = taking.run()
    except DamagedError as error:
        return Answer.judged(f"the backup is not what it should be: {error}", findings=[_not_as_stored(error)])
    return Answer.judged(_summary(record), metrics=_metrics(record), evidence={"backup": record.id, "location": record.location})


def _not_as_stored(error: DamagedError) -> Finding:
    return Finding(
        rule="backup_not_as_stored",
        object="backup",
        severity=Severity.CRITICAL,
        title=f"the store or the dump is not to be trusted: {error}",
        remedy="look at the store (disk, proxies, other writers at this place), then clear the task to take another backup",
    )


def _summary(record: Record) -> str:
    kept = f"{size(record.stored_bytes or 0)} (of {size(record.raw_bytes or 0)})"
    what = f"{plural(record.rows or 0, 'row')} in {plural(record.tables or 0, 'table')}"
    sealed = ", encrypted" if record.encrypted else ""
    return f"{what} as {kept}{sealed}, every object read back, in {span(sum(record.seconds.values()))}"


def _metrics(record: Record) -> Iterator[Metric]:
    yield Metric(name="backup_stored_bytes", value=record.stored_bytes or 0, unit=Unit.BYTES)
    yield Metric(name="backup_raw_bytes", value=record.raw_bytes or 0, unit=Unit.BYTES)
    yield Metric(name="backup_rows", value=record.rows or 0, unit=Unit.COUNT)
    for stage, seconds in record.seconds.items():
        yield Metric(name="backup_seconds", value=seconds, unit=Unit.SECONDS, labels={"stage": stage})
