"""`make kill-matrix`: every fault at every point of backup, retention and restore, then a rerun: healed or not, as a table."""

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from psycopg.sql import SQL

from tests.kill.table import JobMatrix, print_matrix
from tests.kill.world import LONGEST_S, Point, WatchedFiles, World, emptied, leftovers, world
from upkeep.answer import Answer, Status
from upkeep.backups.destination import Destination
from upkeep.backups.manifest import NAME, DamagedError
from upkeep.backups.readback import read_back, read_manifest
from upkeep.backups.registry import Record, State
from upkeep.backups.restore import Restoring
from upkeep.backups.shelf import place_of
from upkeep.errors import UpkeepError
from upkeep.jobs.backups.backup import backup
from upkeep.jobs.backups.retention import retention
from upkeep.sources.objects import ObjectStore
from upkeep.sources.postgres import Endpoint
from upkeep.targets.database import Backup, Database
from upkeep.window import Window

NAME_OF_IT = "Shop ä/1"
SCHEMA = """
    create table "Kunde ä" (id int primary key, name text);
    insert into "Kunde ä" select i, 'name ' || i from generate_series(1, 2000) as i;
    create table b (id serial, v jsonb); insert into b (v) select '{"a": 1}' from generate_series(1, 100);
    create view v as select count(*) from b; select lo_from_bytea(0, 'large');
"""
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
WINDOW = Window(TODAY - timedelta(days=1), TODAY)
EARLIER = 3
RESTORED = "restored"


@dataclass
class Connected:
    """The world as a task sees it: through proxies and watched files."""

    world: World
    point: Point

    def postgres(self, connection_id: str) -> Endpoint:
        """The source server."""
        assert connection_id
        return replace(self.world.source.endpoint("shop"), port=self.world.to_source.port)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:
        """The store."""
        assert connection_id is None
        plain = self.world.objects
        assert url.startswith(plain.url.rstrip("/"))
        return ObjectStore(WatchedFiles(plain.filesystem, self.point), plain.root + url[len(plain.url) :], url)

    def aws(self, connection_id: str | None, service: str, region: str | None = None) -> Any:
        """Nothing of Amazon's."""
        raise NotImplementedError(f"{connection_id} {service}")


def database(made: World) -> Database:
    """The target."""
    return Database(name=NAME_OF_IT, owner="o", connection="c", backup=Backup(to=made.store.as_uri(), jobs=1))


def run_backup(made: World, point: Point) -> None:
    """The job, as a task runs it."""
    with made.registry(WINDOW, point) as registry:
        _fine(backup.ask(database(made), Connected(made, point), registry, _progress(point)))


def run_retention(made: World, point: Point) -> None:
    """The job with a rule that lets all but the newest go."""
    with made.registry(WINDOW, point) as registry:
        rule = {"daily": 1, "weekly": 0, "monthly": 0, "max_share": 1, "max_gap_days": 9}
        _fine(retention.ask(database(made), Connected(made, point), registry, _progress(point), **rule))


def run_restore(made: World, point: Point) -> None:
    """A restore of the newest backup into a database of its own, compared."""
    with made.registry(WINDOW, point) as registry:
        newest = next(r for r in registry.records(NAME_OF_IT) if r.state is State.COMPLETE)
        place = place_of(Connected(made, point).objects(made.objects.url, None), NAME_OF_IT).at(newest.id)
        into = Destination(replace(made.source.endpoint(), port=made.to_source.port), RESTORED)
        done = Restoring(place, into, _progress(point), registry=registry, expected_sha256=newest.manifest_sha256, jobs=1).run()
        assert done.proven, done.differences


WORKS = {"backup": run_backup, "retention": run_retention, "restore": run_restore}


def _progress(point: Point) -> Any:
    return lambda step, text="": point(f"step {step}")  # noqa: ARG005 - the text holds names that change


def _fine(answer: Answer) -> None:
    if answer.status is not Status.OK:
        raise AssertionError(answer)


@dataclass
class Matrix:
    """A world with three backups, put back before each cell."""

    made: World
    records: list[Record]

    def points(self, work: str) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self.reset()
        names = self.made.folder / "points"
        names.unlink(missing_ok=True)
        code = self.made.child(WORKS[work], None, lambda: None)
        assert code == 0, f"{work} without a fault ended with {code}:\n{self.log()}"
        assert not self.wrong(work), self.wrong(work)
        return names.read_text().splitlines()

    def cell(self, work: str, chosen: int, fault: str) -> list[str]:
        """Strike, rerun; what is not healed, in words."""
        self.reset()
        survived = self.made.child(WORKS[work], chosen, self.made.faults()[fault]) == 0
        self.made.heal()
        if survived and work == "restore":
            return self.wrong(work)  # it is done, and a second one into the same database is refused as it should be
        code = self.made.child(WORKS[work], -1, lambda: None)
        return [*([f"the rerun ended with {code}: {self.log()[-300:]}"] if code else []), *self.wrong(work)]

    def log(self) -> str:
        """What the last children said."""
        return (self.made.folder / "child.log").read_text(errors="replace")[-3000:]

    def reset(self) -> None:
        """Three complete backups, and nothing else."""
        self.made.heal()
        (self.made.folder / "child.log").write_text("")
        for folder in (self.made.store, self.made.local):
            emptied(folder)
        shutil.copytree(self.made.folder / "template", self.made.store, dirs_exist_ok=True)
        with self.made.report.endpoint("report").connect("kill") as connection:
            connection.execute("delete from upkeep.restore")
            connection.execute("delete from upkeep.backup")
        with self.made.registry(WINDOW) as registry:
            for record in self.records:
                registry.put(record)
        with self.made.source.endpoint().connect("kill") as connection:
            connection.execute(SQL("drop database if exists restored with (force)"))

    def wrong(self, work: str) -> list[str]:
        """Everything that is not as it must be after a healed run."""
        with self.made.registry(WINDOW) as registry:
            rows, restores = registry.records(NAME_OF_IT), registry.restorations(NAME_OF_IT)
        place = place_of(self.made.objects, NAME_OF_IT)
        complete = {r.id: r for r in rows if r.state is State.COMPLETE}
        found = [f"{r.id} is left {r.state}" for r in rows if r.state in (State.TAKING, State.DELETING)]
        folders = {path.name for path in Path(place.root).iterdir()}
        found += [f"{name} is in the store but not complete" for name in sorted(folders - complete.keys())]
        found += [line for r in complete.values() for line in _damage(place.at(r.id), r)]
        kept = self.records[:1] if work == "retention" else self.records
        found += [f"earlier {r.id} was touched" for r in kept if not self._untouched(r, complete)]
        found += [f"left on the local disk: {name}" for name in leftovers(self.made.local)]
        match work:
            case "backup":
                found += [] if len(complete) > EARLIER else ["there is no new complete backup"]
            case "retention":
                found += [] if len(complete) == 1 else [f"{len(complete)} backups are left of which 1 was to be kept"]
            case _:
                found += [f"restore {r.id} is left running" for r in restores if r.state == "running"]
                found += [] if restores and restores[0].state == "proven" else ["the last restore is not proven"]
        return found

    def _untouched(self, record: Record, complete: dict[str, Record]) -> bool:
        there, meant = (_content(root, record) for root in (self.made.store, self.made.folder / "template"))
        return there == meant and complete.get(record.id) == record


def _damage(place: ObjectStore, record: Record) -> list[str]:
    try:
        manifest = read_manifest(place, record.id, record.manifest_sha256)
        read_back(place, manifest.objects)
        assert NAME in place.sizes()
    except (UpkeepError, DamagedError) as error:
        return [f"{record.id} does not verify: {error}"]
    return []


def _content(root: Path, record: Record) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and record.id in p.parts}


@contextmanager
def matrix(folder: Path) -> Iterator[Matrix]:
    """A world with three backups of three days."""
    with world(folder, SCHEMA) as made:
        made_now = Matrix(made, [])
        for _ in range(EARLIER):
            code = made.child(run_backup, -1, lambda: None)
            assert code == 0, made_now.log()
        with made.registry(WINDOW) as registry:
            taken = [r for r in registry.records(NAME_OF_IT) if r.state is State.COMPLETE]
        shutil.copytree(made.store, folder / "template")
        made_now.records = [_aged(record, days) for days, record in enumerate(taken)]
        yield made_now


def _aged(record: Record, days: int) -> Record:
    """Rows of other days, as retention goes by rows. Fewer hours than days, so that the newest is never of the future."""
    at = TODAY - timedelta(days=days)
    window = Window(WINDOW.start - timedelta(days=days), WINDOW.end - timedelta(days=days))
    times = {"begun_at": at, "snapshot_at": at, "finished_at": at, "verified_at": at}
    return replace(record, window=window, **times)  # type: ignore[arg-type] # each is a moment


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--work", choices=WORKS, action="append", help="only this; may be given again")
    given.add_argument("--fault", action="append", help="only this; may be given again")
    given.add_argument("--each", type=int, default=1, help="only each so many-th point")
    options = given.parse_args()
    # Ended from outside, it still stops its servers and unmounts its disks.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    return print_matrix(_jobs(options.work or WORKS, options.fault), options.each, f" (limit {LONGEST_S} s a run)")


def _jobs(works: Iterable[str], wanted: Sequence[str] | None) -> Iterator[JobMatrix]:
    with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as folder, matrix(Path(folder)) as table:
        faults = [name for name in table.made.faults() if not wanted or name in wanted]
        for work in works:
            yield JobMatrix(work, table.points(work), faults, partial(table.cell, work))


if __name__ == "__main__":
    sys.exit(main())
