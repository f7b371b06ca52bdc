"""
Backup and restore against pg_dump and pg_restore, and beside pgBackRest's full backup and restore, on the same data.

Peers: `pg_dump -Fd -j2 -Z zstd:3` and plain `pg_dump` into a file; `pg_restore -j2` of the former. Rounds alternate, medians are
compared. Aims: a backup with digests and read-back in at most 1.15 times either (0.9 times where one table dominates), a restore
with comparison in at most 1.25 times. Memory is tested (`tests/backups/test_memory.py`). Data: pgbench, also while pgbench
writes; wide jsonb; many small tables; one large table. Argument: the share of the full size (default 1: scale 100, 150,000
documents of 4 kB, 5,000 tables, one table of 3 GB), and the rounds (default 5): `python -m bench.backups 1 5`.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.contest import ours
from bench.contest.data import MAJOR, SETTINGS, environment, fill, writing
from bench.contest.pgbackrest import beside_pgbackrest
from upkeep.backups.registry import Record
from upkeep.sources.scratch import ScratchServer, bin_folder, free_port

BACKUP_AIM, ONE_TABLE_AIM, RESTORE_AIM = 1.15, 0.9, 1.25


def main() -> None:
    """Build the data, run every contender in turn, print."""
    share, rounds = float((*sys.argv[1:2], "1")[0]), int((*sys.argv[2:3], "5")[0])
    home = Path(tempfile.mkdtemp(prefix="upkeep-bench-"))
    home.chmod(0o755)
    server = ScratchServer(home / "server", free_port(), MAJOR, settings=SETTINGS)
    try:
        server.start()
        for database in fill(server, share):
            _contest(server, database, home, rounds, ONE_TABLE_AIM if database in {"one", "pgbench"} else BACKUP_AIM)
        with writing(server):
            _contest(server, "pgbench", home, rounds, BACKUP_AIM, called="pgbench while pgbench writes", restores=False)
        server.remove()
        beside_pgbackrest(home, share)
    finally:
        server.remove()
        shutil.rmtree(home, ignore_errors=True)


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


def _contenders(server: ScratchServer, database: str, home: Path) -> dict[str, Callable[[], object]]:
    """In this order: each restore has the backup before it."""
    plain, stored = home / "plain", home / "ours"
    taken: list[Record] = []

    def in_parts() -> None:
        shutil.rmtree(plain, ignore_errors=True)
        _run(server, "pg_dump", "-Fd", "-j2", "-Z", "zstd:3", "-f", str(plain), database)

    def as_script() -> None:
        _run(server, "pg_dump", "-f", str(home / "plain.sql"), database)
        (home / "plain.sql").unlink()

    def backup() -> None:
        taken.append(ours.backup(server, database, stored))

    def pg_restore() -> None:
        ours.again(server, "restored")
        _run(server, "pg_restore", "-j2", "-d", "restored", str(plain))

    def restore() -> None:
        ours.restore(server, taken[-1], stored)

    return {
        "pg_dump -Fd": in_parts, "upkeep backup": backup, "pg_dump": as_script,
        "pg_restore": pg_restore, "upkeep restore": restore,
    }  # fmt: skip


def _run(server: ScratchServer, program: str, *args: str) -> None:
    subprocess.run([str(bin_folder(MAJOR) / program), *args], env=environment(server), check=True)


def _say(database: str, what: str, ours: float, plain: float, aim: float) -> None:
    print(f"{database} {what}: {ours:.2f} s against {plain:.2f} s, ratio {ours / plain:.2f} (aim at most {aim})")


if __name__ == "__main__":
    main()
