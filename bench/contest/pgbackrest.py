"""pgBackRest on the same data: physical, so that it is a neighbour to look at, not the same work."""

import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from bench.contest import ours
from bench.contest.data import SETTINGS, fill
from upkeep.sources.scratch import ScratchServer, free_port, installed

PGBACKREST_MAJOR = 15  # the newest that Debian's pgBackRest knows


def beside_pgbackrest(home: Path, share: float) -> None:
    """The whole cluster, both databases: physical, so that it is a neighbour to look at, not the same work."""
    program = shutil.which("pgbackrest")
    if not program or PGBACKREST_MAJOR not in installed():
        print(f"pgBackRest or PostgreSQL {PGBACKREST_MAJOR} is not installed: not measured")
        return
    server = ScratchServer(home / "beside", free_port(), PGBACKREST_MAJOR, settings=SETTINGS)
    try:
        server.start()
        own = _ours(server, fill(server, share, small=False), home)
        theirs = _pgbackrest(server, home, program)
    finally:
        server.remove()
    print(f"pgBackRest, PostgreSQL {PGBACKREST_MAJOR}, both databases:")
    for what, mine, other in zip(("full backup", "restore"), own, theirs, strict=True):
        print(
            f"  {what}: {mine:.2f} s against {other:.2f} s, ratio {mine / other:.2f} (ours with digests, comparison and indexes)"
        )


def _ours(server: ScratchServer, databases: list[str], home: Path) -> tuple[float, float]:
    """Seconds of a backup and of a restore with comparison, one database after the other."""
    begun = time.monotonic()
    taken = {home / f"ours-{name}": ours.backup(server, name, home / f"ours-{name}") for name in databases}
    backup, begun = time.monotonic() - begun, time.monotonic()
    for folder, record in taken.items():
        ours.restore(server, record, folder)
    restore = time.monotonic() - begun
    with server.endpoint().connect("bench") as admin:
        admin.execute("drop database restored with (force)")
    return backup, restore


def _pgbackrest(server: ScratchServer, home: Path, program: str) -> tuple[float, float]:
    """Seconds of its full backup and of its restore."""
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
    return backup, time.monotonic() - begun


def _as(server: ScratchServer, uid: int, *args: str) -> None:
    environment = {**os.environ, "PGPASSFILE": str(server.passfile)}
    user = {"user": uid, "group": pwd.getpwuid(uid).pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(args, check=False, capture_output=True, text=True, cwd="/", env=environment, **user)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
