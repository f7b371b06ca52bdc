"""
A restore test against plain `pg_restore -j2` of the same data, each into a server of its own.

The peer makes a server, creates the database and runs `pg_restore -j2` of a directory dump; it compares nothing. The test
restores, compares every row, starts the server again and runs amcheck. Rounds alternate, medians are compared, with and without
what is done with the copy after it was restored and compared; aim: at most 1.3 times. Data: pgbench.
Argument: the share of the full size (default 1: scale 100), and the rounds (default 3).
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.contest.data import MAJOR, environment
from bench.contest.nobody import Nobody
from upkeep.backups.scratch_restore import scratch_server
from upkeep.backups.shelf import place_of
from upkeep.backups.stages import Stages
from upkeep.backups.take import Taking
from upkeep.drills.choice import NEWEST, Choice
from upkeep.drills.testing import Testing
from upkeep.sources.connections import OneDatabase
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer, bin_folder, free_port
from upkeep.targets.database import Backup, Database

AIM = 1.3


def main() -> None:
    """Build the data, run both in turn, print."""
    share, rounds = float((*sys.argv[1:2], "1")[0]), int((*sys.argv[2:3], "3")[0])
    home = Path(tempfile.mkdtemp(prefix="upkeep-bench-"))
    home.chmod(0o755)
    server = ScratchServer(home / "server", free_port(), MAJOR, settings={"fsync": "off", "shared_buffers": "512MB"})
    try:
        server.start()
        _contest(server, home, share, rounds)
    finally:
        server.remove()
        shutil.rmtree(home, ignore_errors=True)


def _contest(server: ScratchServer, home: Path, share: float, rounds: int) -> None:
    tools = bin_folder(MAJOR)
    with server.endpoint().connect("bench") as admin:
        admin.execute("create database pgbench")
    args = [str(tools / "pgbench"), "-i", "-q", "-s", str(max(1, round(100 * share))), "pgbench"]
    subprocess.run(args, env=environment(server), check=True, capture_output=True)
    dump = [str(tools / "pg_dump"), "-Fd", "-j2", "-f", str(home / "dump"), "pgbench"]
    subprocess.run(dump, env=environment(server), check=True, capture_output=True)
    choice, testing = _backup(server, home)
    times: dict[str, list[float]] = {"restore test": [], "restored and compared": [], "pg_restore -j2": []}
    for _ in range(rounds):
        begun = time.monotonic()
        tested = testing.test(choice)
        times["restore test"].append(time.monotonic() - begun)
        if tested.row.result != "proven":
            raise SystemExit(str(tested))
        times["restored and compared"].append(times["restore test"][-1] - tested.row.seconds["check"])
        begun = time.monotonic()
        _peer(home)
        times["pg_restore -j2"].append(time.monotonic() - begun)
    *mine, peer = (median(each) for each in times.values())
    for name, seconds in zip(times, mine, strict=False):
        print(f"{name} {seconds:.2f} s, pg_restore -j2 {peer:.2f} s: {seconds / peer:.2f} times (aim {AIM})")
    print(f"stages of the last: {dict(tested.row.seconds)}")


def _backup(server: ScratchServer, home: Path) -> tuple[Choice, Testing]:
    url = (home / "store").as_uri()
    plan, registry = Backup(to=url), Nobody()
    taking = Taking("pgbench", server.endpoint("pgbench"), plan, place_of(open_store(url), "pgbench"), registry, Stages(_quiet))
    db = Database(name="pgbench", owner="o", connection="c", backup=plan)
    return Choice(taking.run(), NEWEST, ""), Testing(db, OneDatabase(server.endpoint("pgbench")), registry, _quiet)


def _peer(home: Path) -> None:
    with scratch_server(MAJOR) as server:
        args = [str(bin_folder(MAJOR) / "pg_restore"), "-j2", "-C", "--no-owner", "-d", "postgres", str(home / "dump")]
        subprocess.run(args, env={**environment(server), "PGUSER": server.superuser}, check=True, capture_output=True)


def _quiet(step: str, text: str = "") -> None:
    """Nothing is printed."""
    del step, text


if __name__ == "__main__":
    main()
