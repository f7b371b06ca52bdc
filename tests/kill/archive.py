"""`python -m tests.kill.archive`: the archive killed at every statement, commit, call of the store and file, then run again."""

import argparse
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow.csv
import pyarrow.parquet  # noqa: F401
import xxhash  # noqa: F401

from tests.archive.world import World
from tests.kill.world import LONGEST_S, Point, WatchedFiles
from tests.lab import Lab
from upkeep.archive import copy_stream, deletion, proving, run
from upkeep.sources.scratch import ScratchServer, free_port

WORKS = ("archive",)
OLD, NEW, CHUNK = 300, 5, 60
SCHEMA = f"""
    drop table if exists visits;
    create table visits (id bigint primary key, path text, seen_at timestamptz);
    insert into visits
    select i, 'p' || i, '2024-01-28 00:00+00'::timestamptz + i * interval '1 hour' from generate_series(1, {OLD}) as i;
    insert into visits select i, 'new', now() from generate_series(1001, {1000 + NEW}) as i;
"""
PARTED = f"""
    drop table if exists visits, visits_old;
    create table visits (id bigint, path text, seen_at timestamptz) partition by range (seen_at);
    create table visits_old partition of visits for values from ('2024-01-01') to ('2024-12-01');
    create table visits_now partition of visits for values from ('2024-12-01') to (maxvalue);
    insert into visits
    select i, 'p' || i, '2024-01-28 00:00+00'::timestamptz + i * interval '1 hour' from generate_series(1, {OLD}) as i;
    insert into visits select i, 'new', now() from generate_series(1001, {1000 + NEW}) as i;
"""
CHANGED = 3
"""A row that is changed between its copy and its delete in every run: it stays, and its file is written anew without it."""
SCHEMAS = {"rows": SCHEMA, "partitions": PARTED}


@dataclass
class Matrix:
    """A database and a store, put back before each cell."""

    lab: Lab
    folder: Path
    schema: str = SCHEMA

    @property
    def world(self) -> World:
        """As a task sees it."""
        return World(self.lab, self.folder / "store").plan()

    def points(self) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self.reset()
        (self.folder / "points").unlink(missing_ok=True)
        code = self.child(None)
        assert code == 0, self.log()
        assert not self.wrong(), self.wrong()
        return (self.folder / "points").read_text().splitlines()

    def cell(self, chosen: int) -> list[str]:
        """Kill there; what does not hold then, and what is not healed by another run."""
        self.reset()
        self.child(chosen)
        struck = self.broken()
        code = self.child(-1)
        return [*struck, *([f"the rerun ended with {code}: {self.log()[-600:]}"] if code else []), *self.wrong()]

    def reset(self) -> None:
        """The table full, the store empty."""
        shutil.rmtree(self.folder / "store", ignore_errors=True)
        (self.folder / "log").write_text("")
        with self.lab.endpoint.connect("plant") as connection:
            connection.execute(self.schema.encode())

    def child(self, chosen: int | None) -> int:
        """One run of the job in a process of its own; -1 strikes nowhere."""
        point = Point(chosen, lambda: os.kill(os.getpid(), signal.SIGKILL), self.folder / "points")
        process = multiprocessing.get_context("fork").Process(target=_in_child, args=(self, point), daemon=True)
        process.start()
        process.join(LONGEST_S)
        if process.is_alive():
            process.kill()
        process.join()
        return int(process.exitcode or 0)

    def log(self) -> str:
        """What the last children said."""
        return (self.folder / "log").read_text()[-3000:]

    def broken(self) -> list[str]:
        """What must hold at every moment: each row in the table or in a proven file, and never in both the table and `rows/`."""
        with self.lab.endpoint.connect("end") as connection:
            connection.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name like 'upkeep %'"
            )
        world = self.world
        both = Counter(world.ids()) + Counter(world.archived())
        twice = [number for number, times in both.items() if times > 1]
        lost = set(range(1, OLD + 1)) - set(both) - set(proven(world))
        return [*([f"twice: {twice[:5]}"] if twice else []), *([f"in no place: {sorted(lost)[:5]}"] if lost else [])]

    def wrong(self) -> list[str]:
        """What is not as it must be after a healed run."""
        world = self.world
        found = self.broken()
        found += [f"left under way: {batch}" for batch in world.place.pending()]
        if set(world.archived()) | ({CHANGED} if self.schema == SCHEMA else set()) != set(range(1, OLD + 1)):
            found.append(f"{len(world.archived())} rows are archived")
        with self.lab.endpoint.connect("look") as connection:
            if connection.execute("select from pg_class where relname = 'visits_old'").fetchone():
                found.append("the old partition is there")
        left = [number for number in world.ids() if number <= OLD]
        if left not in ([], [CHANGED]):
            found.append(f"old rows are left: {left[:5]}")
        world.place.check_whole()
        return found


def proven(world: World) -> list[int]:
    """Ids in files that are proven and not published."""
    folder = Path(world.place.store.root) / "pending"
    paths = [path for path in folder.glob("*.parquet") if path.with_suffix(".json").exists()] if folder.exists() else []
    rows = [duckdb.connect().execute("select id from read_parquet(?)", [str(path)]).fetchall() for path in paths]
    return [number for each in rows for (number,) in each]


def _in_child(table: Matrix, point: Point) -> None:
    log = (table.folder / "log").open("a")
    os.dup2(log.fileno(), 2)
    code = 1
    try:
        _watch(point)
        deletion.ROWS_AT_ONCE = deletion.MOST_AT_ONCE = CHUNK
        setattr(run, "ROWS_AT_ONCE", CHUNK)  # noqa: B010 - it is taken from there by name
        copy_stream.GROUP_ROWS = 100
        if table.schema == SCHEMA:
            _change_meanwhile(table.lab)
        world = table.world
        world.files = partial(WatchedFiles, point=point)
        answer = world.run()
        assert not answer.findings, answer
        code = 0
    except Exception:  # noqa: BLE001 - what a task would turn red with; the log keeps it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _change_meanwhile(lab: Lab) -> None:
    """Have a row changed after each copy that holds it."""
    prove = proving.store_proven

    def then(*args: Any) -> Any:
        manifest = prove(*args)
        lab.run(f"update visits set path = path || '!' where id = {CHANGED}")
        return manifest

    setattr(run, "store_proven", then)  # noqa: B010 - mypy would have its type


def _watch(point: Point) -> None:
    """Every statement, and both sides of every commit, are moments."""
    execute, copy, ended = psycopg.Cursor.execute, psycopg.Cursor.copy, psycopg.Transaction.__exit__

    def watched_execute(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        message = " ".join(str(query).split())[:60]
        if "visits set path" in message:
            return execute(self, query, *args, **more)
        point(f"statement {message}")
        return execute(self, query, *args, **more)

    def watched_copy(self: Any, *args: Any, **more: Any) -> Any:
        point("copy")
        return copy(self, *args, **more)

    def watched_end(self: Any, *args: Any) -> Any:
        point("before the commit")
        done = ended(self, *args)
        point("after the commit")
        return done

    psycopg.Cursor.execute, psycopg.Cursor.copy = watched_execute, watched_copy  # type: ignore[method-assign]
    psycopg.Transaction.__exit__ = watched_end  # type: ignore[method-assign]


def main() -> int:
    """Print each moment and what came of it; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--each", type=int, default=1, help="only each so many-th point")
    options, failed = given.parse_args(), 0
    with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as made, ExitStack() as stack:
        folder = Path(made)
        folder.chmod(0o755)
        server = ScratchServer(folder / "server", free_port(), settings={"fsync": "off"})
        stack.callback(server.remove)
        server.start()
        for name, schema in SCHEMAS.items():
            table = Matrix(Lab(server, "postgres", stack), folder, schema)
            points = table.points()
            for number in range(0, len(points), options.each):
                wrong = table.cell(number)
                failed += bool(wrong)
                print(f"{name} {number:3} {points[number][:70]:70} {'; '.join(wrong) or 'healed'}", flush=True)  # noqa: T201
            print(f"\n{name}: {len(points)} points, each {options.each}: {failed} not healed")  # noqa: T201 - its output
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
