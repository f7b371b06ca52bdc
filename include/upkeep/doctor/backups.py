"""The chain of one database's backups: login, pooler, store, programs, keys. Each link is tried, nothing is left behind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from upkeep.backups import packing, programs
from upkeep.backups.catalogue import unreadable
from upkeep.backups.shelf import place_of
from upkeep.doctor.round_trip import round_trip
from upkeep.doctor.store_tried import store_tried
from upkeep.errors import BrokenError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.sources.pooler import Pooling, pooling
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.database import Backup, Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S

BLIND = ("backup", "retention", "backup_completed")
NEEDED = ("pg_dump", "pg_dumpall", "pg_restore", "psql")
_LISTED = 10
_ONE_MACHINE = {"LocalExecutor", "SequentialExecutor", "DebugExecutor"}
READ_ALL_SINCE = 14
_COVERED = ("table ", "sequence ")
# These are left out of a backup, which is whole otherwise; a login without superuser can never see them all.
_LEFT_OUT = ("options of the user mapping", "subscription ")


@dataclass(frozen=True)
class Chain:
    """One database whose backups Upkeep takes. `where` is the inventory's line of them; `executor` is Airflow's."""

    target: Database
    plan: Backup
    connections: Connections
    executor: str
    where: str

    def examined(self) -> Iterator[Diagnosis]:
        """Every link. Those that need the server's version are left out when it is not reached."""
        major = None
        for diagnosis, version in self._login():
            major = version or major
            yield diagnosis
        yield self._store()
        yield from self._one_host()
        yield from self._keys()
        if major:
            yield from self._programs(major)

    def _login(self) -> Iterator[tuple[Diagnosis, int | None]]:
        name = self.plan.login or self.target.connection
        try:
            endpoint = self.connections.postgres(name)
            endpoint = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
            yield self._pooler(endpoint), None
            yield from self._reads(endpoint)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "") or f'correct the connection "{name}"'
            yield self._diagnosis("backup login", Level.NO, f'"{name}": {error}', remedy), None

    def _pooler(self, endpoint: Endpoint) -> Diagnosis:
        with translate_errors():
            how = pooling(endpoint)
        if how is Pooling.TRANSACTION:
            remedy = "give the backup a `login:` whose connection reaches the server itself, or a pooler in session mode"
            message = f"{endpoint.place} is a pooler in transaction mode: no snapshot outlives a statement there"
            return self._diagnosis("backup pooler", Level.NO, message, remedy)
        message = "no pooler in between" if how is Pooling.NONE else "through a pooler in session mode"
        return self._diagnosis("backup pooler", Level.OK, message)

    def _reads(self, endpoint: Endpoint) -> Iterator[tuple[Diagnosis, int | None]]:
        with translate_errors(), endpoint.connect("upkeep doctor") as connection:
            user, database, version = connection.info.user, connection.info.dbname, connection.info.server_version // 10000
            lacking, grant = unreadable(connection), _read_all(user)
        left = [line for line in lacking if line.startswith(_LEFT_OUT)]
        if left:
            remedy = "back up as a superuser if they must be in it, or keep them elsewhere"
            yield self._diagnosis("backup reads", Level.NOTE, f"left out of backups: {_some(left)}", remedy, blind=()), version
        hidden = [line for line in lacking if line not in left]
        if hidden:
            remedy = f"{grant} (14 or newer) covers tables and sequences; see each for the rest"
            found = self._diagnosis("backup reads", Level.NO, f"{user} cannot read {_some(hidden)}", remedy)
            covered = version >= READ_ALL_SINCE and any(line.startswith(_COVERED) for line in hidden)
            yield replace(found, server=endpoint.place, database=database, grants=(grant,) if covered else ()), version
        else:
            yield self._diagnosis("backup reads", Level.OK, f"{user} may read every row of PostgreSQL {version}"), version

    def _store(self) -> Diagnosis:
        url = str(self.plan.to)
        try:
            store_tried(place_of(self.connections.objects(url, self.plan.connection), self.target.name))
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "") or "let the connection write, read, list and delete there"
            return self._diagnosis("backup store", Level.NO, str(error), remedy)
        return self._diagnosis("backup store", Level.OK, f"{url}: an object was written, read back and deleted")

    def _one_host(self) -> Iterator[Diagnosis]:
        executors = {word.strip().rpartition(".")[2].rpartition(":")[2] for word in self.executor.split(",")} - {""}
        if str(self.plan.to).startswith("file:") and executors - _ONE_MACHINE:
            message = f"{self.plan.to} is a local folder, but {', '.join(sorted(executors))} may run tasks on several machines"
            remedy = "fine when it is mounted on every worker, or all backups run in a queue of one; else name an object store"
            yield self._diagnosis("backup store", Level.NOTE, message, remedy, blind=())

    def _keys(self) -> Iterator[Diagnosis]:
        if not self.plan.encrypt_to:
            return
        try:
            packing.keys(self.plan.encrypt_to)
        except UpkeepError as error:
            yield self._diagnosis("backup keys", Level.NO, str(error), getattr(error, "remedy", ""))
            return
        message = f"sealed to {plural(len(self.plan.encrypt_to), 'age key')}; keep the private ones elsewhere, and try one"
        yield self._diagnosis("backup keys", Level.OK, message)

    def _programs(self, server: int) -> Iterator[Diagnosis]:
        try:
            major, folder = programs.client(server)
        except BrokenError as error:
            yield self._diagnosis("programs", Level.NO, str(error), error.remedy)
            return
        missing = [name for name in NEEDED if not (folder / name).exists()]
        if missing:
            remedy = f"install all of postgresql-client-{major}, or name another folder in UPKEEP_PG_BIN"
            yield self._diagnosis("programs", Level.NO, f"{folder} has no {', '.join(missing)}", remedy)
            return
        yield self._diagnosis("programs", Level.OK, f"{_version(folder)} in {folder}, for a server of PostgreSQL {server}")
        yield self._diagnosis("restore", *round_trip(server, major, folder))

    def _diagnosis(
        self, about: str, level: Level, message: str, remedy: str = "", *, blind: tuple[str, ...] = BLIND
    ) -> Diagnosis:
        return Diagnosis(
            subject=self.target.name, about=about, level=level, text=message, remedy=remedy, where=self.where,
            blind=blind if level is Level.NO else (),
        )  # fmt: skip


def _read_all(user: str) -> str:
    quoted = user.replace('"', '""')
    return f'grant pg_read_all_data to "{quoted}";'


def _some(lines: list[str]) -> str:
    more = f"; and {len(lines) - _LISTED} more" if len(lines) > _LISTED else ""
    return "; ".join(lines[:_LISTED]) + more


def _version(folder: Path) -> str:
    return programs.run(folder / "pg_dump", "--version", env={"LC_ALL": "C.UTF-8"}).strip()
