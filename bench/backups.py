"""
Backup and restore against pg_dump and pg_restore, and beside pgBackRest, on the same data.

Peers: `pg_dump -Fd -j2 -Z zstd:3` and plain `pg_dump` into a file; `pg_restore -j2` of the former. Rounds alternate, medians are
compared. Aims: a backup with digests and read-back in at most 1.15 times either (0.9 times where one table dominates), a restore
with comparison in at most 1.25 times; memory of this process below 150 MB. Data: pgbench, also while pgbench writes; wide jsonb;
many small tables; one large table. Argument: the share of the full size (default 1: scale 100, 150,000 documents of 4 kB, 5,000
tables, one table of 3 GB), and the rounds (default 5).
"""

import os
import pwd
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from upkeep.backups.destination import Destination
from upkeep.backups.registry import Record, Restoration
from upkeep.backups.restore import Restoring
from upkeep.backups.shelf import place_of
from upkeep.backups.stages import Stages
from upkeep.backups.take import Taking
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer, bin_folder, free_port, installed
from upkeep.targets.database import Backup
from upkeep.window import Window

BACKUP_AIM, ONE_TABLE_AIM, RESTORE_AIM = 1.15, 0.9, 1.25
PGBACKREST_MAJOR = 15  # the newest that Debian's pgBackRest knows
MAJOR = 17  # its pg_dump has zstd, so that both compress
SETTINGS = {
    "shared_buffers": "512MB", "max_wal_size": "8GB", "autovacuum": "off", "checkpoint_timeout": "1h", "fsync": "off",
    "maintenance_work_mem": "256MB",
}  # fmt: skip
WIDE = """
    insert into documents
    select i, jsonb_build_object('id', i, 'name', md5(i::text), 'tags', (
        select jsonb_agg(md5((i * 131 + n)::text)) from generate_series(1, 90) as n
    ))
    from generate_series(1, %(rows)s) as i
"""
MANY = """
    do $$ begin
        for i in 1..{tables} loop
            execute format('create table many_%s (n serial primary key, x text not null)', i);
            execute format('insert into many_%s (x) select md5(i::text) from generate_series(1, %s) as i', i, i % 40);
            if i % 200 = 0 then commit; end if;
        end loop;
    end $$
"""
ONE = "insert into one select i, md5(i::text), now(), i * 0.37, md5((i / 7)::text) from generate_series(1, %(rows)s) as i"


class Nobody:
    """A registry that remembers nothing."""

    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    asked_at = window.end + timedelta(minutes=5)

    installation = "00000000-0000-0000-0000-000000000001"

    def claimed(self, *names: str, say: Callable[[str], None] | None = None) -> AbstractContextManager[None]:  # noqa: ARG002
        """Always."""
        return nullcontext()

    def assert_claimed(self, *names: str) -> None:
        """Always."""

    def records(self, target: str) -> list[Record]:  # noqa: ARG002
        """None."""
        return []

    def put(self, record: Record) -> None:
        """Forgotten."""

    def restorations(self, target: str) -> list[Restoration]:  # noqa: ARG002
        """None."""
        return []

    def put_restoration(self, restoration: Restoration) -> None:
        """Forgotten."""


def main() -> None:
    """Build the data, run every contender in turn, print."""
    share, rounds = float((*sys.argv[1:2], "1")[0]), int((*sys.argv[2:3], "5")[0])
    home = Path(tempfile.mkdtemp(prefix="upkeep-bench-"))
    home.chmod(0o755)
    server = ScratchServer(home / "server", free_port(), MAJOR, settings=SETTINGS)
    try:
        server.start()
        for database in _fill(server, share):
            _contest(server, database, home, rounds, ONE_TABLE_AIM if database in {"one", "pgbench"} else BACKUP_AIM)
        with _writing(server):
            _contest(server, "pgbench", home, rounds, BACKUP_AIM, called="pgbench while pgbench writes", restores=False)
        server.remove()
        _beside_pgbackrest(home, share)
    finally:
        server.remove()
        shutil.rmtree(home, ignore_errors=True)


def _fill(server: ScratchServer, share: float, *, small: bool = True) -> list[str]:
    names = ["pgbench", "wide", *(["many", "one"] if small else [])]
    with server.endpoint().connect("bench") as admin:
        for name in names:
            admin.execute(f"create database {name}".encode())
    words = ["-i", "-q", "-s", str(max(1, round(100 * share))), "pgbench"]
    subprocess.run([_pgbench(), *words], env=_environment(server), check=True, capture_output=True)
    with server.endpoint("wide").connect("bench") as connection:
        connection.execute("create table documents (id bigint primary key, body jsonb)")
        connection.execute(WIDE, {"rows": round(150_000 * share)})
    if small:
        with server.endpoint("many").connect("bench") as connection:
            connection.execute(MANY.format(tables=round(5000 * share)).encode())
        with server.endpoint("one").connect("bench") as connection:
            connection.execute("create table one (n bigint primary key, a text, at timestamptz, m numeric, b text)")
            connection.execute(ONE, {"rows": round(24_000_000 * share)})
    for name in names:
        with server.endpoint(name).connect("bench") as connection:
            connection.execute("vacuum (analyze)")
            size = connection.execute("select pg_size_pretty(pg_database_size(current_database()))").fetchone()
            print(f"{name}: {size[0] if size else ''}", flush=True)
    return names


def _pgbench() -> str:
    return shutil.which("pgbench") or str(bin_folder(MAJOR) / "pgbench")


@contextmanager
def _writing(server: ScratchServer) -> Iterator[None]:
    words = [_pgbench(), "-n", "-c", "2", "-R", "200", "-T", "3600", "pgbench"]
    process = subprocess.Popen(words, env=_environment(server), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _contest(
    server: ScratchServer, database: str, home: Path, rounds: int, aim: float, *, called: str = "", restores: bool = True
) -> None:
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, work in _contenders(server, database, home).items():
            if restores or "restore" not in name:
                begun = time.monotonic()
                work()
                times.setdefault(name, []).append(time.monotonic() - begun)
    middle = {name: median(each) for name, each in times.items()}
    for peer in ("pg_dump -Fd", "pg_dump"):
        _say(called or database, f"backup / {peer}", middle["upkeep backup"], middle[peer], aim)
    if restores:
        _say(called or database, "restore / pg_restore", middle["upkeep restore"], middle["pg_restore"], RESTORE_AIM)
    for name, each in times.items():
        print(f"  {name:15} " + "  ".join(f"{seconds:6.2f} s" for seconds in each))
    print(f"  most memory of this process so far: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


def _contenders(server: ScratchServer, database: str, home: Path) -> dict[str, Callable[[], object]]:
    """In this order: each restore has the backup before it."""
    plain, ours = home / "plain", home / "ours"
    taken: list[Record] = []

    def in_parts() -> None:
        shutil.rmtree(plain, ignore_errors=True)
        _run(server, "pg_dump", "-Fd", "-j2", "-Z", "zstd:3", "-f", str(plain), database)

    def as_script() -> None:
        _run(server, "pg_dump", "-f", str(home / "plain.sql"), database)
        (home / "plain.sql").unlink()

    def backup() -> None:
        shutil.rmtree(ours, ignore_errors=True)
        place = place_of(open_store(ours.as_uri()), database)
        taking = Taking(database, server.endpoint(database), Backup(to=ours.as_uri()), place, Nobody(), Stages(_quiet))
        taken.append(taking.run())

    def pg_restore() -> None:
        _again(server, "restored")
        _run(server, "pg_restore", "-j2", "-d", "restored", str(plain))

    def restore() -> None:
        place = place_of(open_store(ours.as_uri()), database).at(taken[-1].id)
        _again(server, "restored")
        done = Restoring(place, Destination(server.endpoint(), "restored"), _quiet, jobs=2).run()
        if not done.proven:
            raise SystemExit("\n".join(done.differences))

    return {
        "pg_dump -Fd": in_parts, "upkeep backup": backup, "pg_dump": as_script,
        "pg_restore": pg_restore, "upkeep restore": restore,
    }  # fmt: skip


def _again(server: ScratchServer, database: str) -> None:
    with server.endpoint().connect("bench") as admin:
        admin.execute(f"drop database if exists {database} with (force)".encode())
        admin.execute(f"create database {database} template template0".encode())
        admin.execute("checkpoint")


def _beside_pgbackrest(home: Path, share: float) -> None:
    """The whole cluster, both databases: physical, so that it is a neighbour to look at, not the same work."""
    program = shutil.which("pgbackrest")
    if not program or PGBACKREST_MAJOR not in installed():
        print(f"pgBackRest or PostgreSQL {PGBACKREST_MAJOR} is not installed: not measured")
        return
    server = ScratchServer(home / "beside", free_port(), PGBACKREST_MAJOR, settings=SETTINGS)
    try:
        server.start()
        _fill(server, share, small=False)
        _pgbackrest(server, home, program)
    finally:
        server.remove()


def _pgbackrest(server: ScratchServer, home: Path, program: str) -> None:
    owner = server.data.stat().st_uid
    repository, config = home / "pgbackrest", home / "pgbackrest.conf"
    server.stop()
    with (server.data / "postgresql.conf").open("a") as conf:
        conf.write(f"\nunix_socket_directories = '{server.folder}'\narchive_mode = on\n")
        conf.write(f"archive_command = '{program} --config={config} --stanza=bench archive-push %p'\n")
    repository.mkdir()
    os.chown(repository, owner, owner)
    lines = [
        "[global]", f"repo1-path={repository}", "compress-type=zst", "compress-level=3", "process-max=2",
        f"lock-path={repository}", "log-level-file=off", "log-level-console=error", "start-fast=y", "[bench]",
        f"pg1-path={server.data}",
        f"pg1-port={server.port}",
        f"pg1-socket-path={server.folder}", "pg1-user=postgres",
    ]  # fmt: skip
    config.write_text("\n".join(lines))
    server.start()
    _as(server, owner, program, f"--config={config}", "--stanza=bench", "stanza-create")
    begun = time.monotonic()
    _as(server, owner, program, f"--config={config}", "--stanza=bench", "--type=full", "backup")
    backup = time.monotonic() - begun
    server.stop()
    shutil.rmtree(server.data)
    server.data.mkdir(mode=0o700)
    os.chown(server.data, owner, owner)
    begun = time.monotonic()
    _as(server, owner, program, f"--config={config}", "--stanza=bench", "restore")
    restore = time.monotonic() - begun
    print(f"pgBackRest, PostgreSQL {PGBACKREST_MAJOR}, both databases: full backup {backup:.1f} s, restore {restore:.1f} s")


def _as(server: ScratchServer, uid: int, *words: str) -> None:
    environment = {**os.environ, "PGPASSFILE": str(server.passfile)}
    user = {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(words, check=False, capture_output=True, text=True, cwd="/", env=environment, **user)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


def _run(server: ScratchServer, program: str, *words: str) -> None:
    subprocess.run([str(bin_folder(MAJOR) / program), *words], env=_environment(server), check=True)


def _environment(server: ScratchServer) -> dict[str, str]:
    return {
        **os.environ,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
        "PGPASSWORD": str(server.endpoint().password),
    }


def _quiet(step: str, text: str = "") -> None:
    """Nobody watches."""


def _say(database: str, what: str, ours: float, plain: float, aim: float) -> None:
    print(f"{database} {what}: {ours:.2f} s against {plain:.2f} s, ratio {ours / plain:.2f} (aim at most {aim})")


if __name__ == "__main__":
    main()
