"""What is known of Upkeep's own backups beyond any tool's list: what restores have shown, and whose disk they are on."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Finding, Severity
from upkeep.backups.manifest import NAME
from upkeep.backups.registry import Record, Registry
from upkeep.backups.shelf import folder_of
from upkeep.checks.backups.proved import NEWEST, last_restore, proved
from upkeep.formats.backup_listing import COMPLETE, DELETED, Taken
from upkeep.sources.connections import Connections
from upkeep.targets.database import Database


@dataclass(frozen=True, slots=True)
class Own:
    """Words for the summary, and findings."""

    remarks: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def of_own(
    db: Database,
    newest: Taken,
    backups: Sequence[Taken],
    connections: Connections,
    registry: Registry,
    end: datetime,
    limit_s: float,
) -> Own:
    """About the newest complete backup; `limit_s` is how long there may be no restore that proves one."""
    restorations = registry.restorations(db.name)
    oldest = min(each.at for each in backups if each.state in {COMPLETE, DELETED})
    last = last_restore(restorations, newest.id)
    remarks = [f"proven by a restore on {last.begun_at:%Y-%m-%d}"] if last and last.state == "proven" else []
    record = next(each for each in registry.records(db.name) if each.id == newest.id)
    here = socket.gethostname()
    if record.host and record.host != here:
        remarks.append(f"on the local disk of {record.host} (asked on {here})")
    findings = [*proved(restorations, newest, oldest, end, limit_s), *_elsewhere(record, db, connections, here)]
    return Own(tuple(remarks), tuple(findings))


def _elsewhere(record: Record, db: Database, connections: Connections, here: str) -> Iterator[Finding]:
    if not record.host or record.host == here or folder_of(record, db, connections).exists(NAME):
        return
    yield Finding(
        rule="backup_on_another_host",
        object=NEWEST,
        severity=Severity.MEDIUM,
        title=f"the newest backup is on the local disk of {record.host} ({record.location}), not on this worker's ({here})",
        remedy="name a store that every worker reaches (s3://, gs://, abfs://, or a folder mounted on all of them); until then "
        f"restore on {record.host}, and old backups on other hosts are not deleted",
    )
