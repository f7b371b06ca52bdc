"""
What a rotation of a PostgreSQL login takes, and whether applications notice; aim: 500 secrets in two hours, 0 failed logins.

Three things on one server, with real rows: seconds and statements of one rotation to the end of its old value; many secrets, two
at a time; and pgbench that connects anew for each transaction while one secret is rotated again and again. pgbench reads the
secret each second, as an application with a cache of a second does. Run: python -m bench.rotation [secrets] [rotations]
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from upkeep.rotation.kinds.postgres_login import APPLICATION
from upkeep.rotation.kinds.postgres_users import PostgresUsers, PostgresUsersKind
from upkeep.rotation.outcome import Policy
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stores.file import SecretFiles
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, bin_folder, free_port
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.store.rotation import StoredRotations

AT_ONCE, NIGHT_H = 2, 2
MAX_AGE = timedelta(days=90)
GRACE = timedelta(seconds=3)  # longer than pgbench keeps what it read
SETTINGS = {"log_statement": "all", "log_line_prefix": "%a|", "max_connections": "100"}
FIRST = "the-first-password-of-a-bench"


@dataclass
class Bench:
    """A server with a report database, and a folder for secrets."""

    server: ScratchServer
    folder: Path

    def plant(self, name: str) -> Path:
        """Two users and a secret of the first."""
        with self.server.endpoint().connect("plant") as admin:
            admin.execute(f"create role {name}_a login password '{FIRST}'; create role {name}_b nologin".encode())
        path = self.folder / name
        path.write_text(json.dumps({"username": f"{name}_a", "password": FIRST}))
        return path

    @contextmanager
    def rotator(self, name: str, grace: timedelta) -> Iterator[Rotator]:
        """As a task has it: with a session of its own to the report database."""
        admin = self.server.endpoint()
        kind = PostgresUsersKind(kind="postgres_users", connection="admin", users=(f"{name}_a", f"{name}_b"))
        with self.server.endpoint("reports").connect("bench rows") as database:
            log = StoredRotations(database, Provenance("bench", "run", "secret_rotation", 0, 1, datetime.now(UTC), 0.0))
            store = SlotStore(SecretFiles(self.folder / name))
            policy = Policy(MAX_AGE, grace)
            yield Rotator(name, store, PostgresUsers(kind, admin), log, policy, lambda: datetime.now(UTC))

    def statements(self) -> int:
        """How many a rotation has sent so far, by the server's own log."""
        logs = [path for path in self.server.folder.rglob("*log*") if path.is_file()]
        whole = "".join(path.read_text(errors="replace") for path in logs)
        return len(re.findall(rf"^{APPLICATION}\|.*LOG: +(?:statement|execute)", whole, re.MULTILINE))


@contextmanager
def bench() -> Iterator[Bench]:
    """A scratch server; it is removed at the end."""
    home = Path(tempfile.mkdtemp(prefix="upkeep-bench-"))
    home.chmod(0o755)
    server = ScratchServer(home / "server", free_port(), settings=SETTINGS)
    try:
        server.start()
        with server.endpoint().connect("bench") as admin:
            admin.execute("create database reports")
        migrate(server.endpoint("reports"))
        (home / "secrets").mkdir(mode=0o700)
        yield Bench(server, home / "secrets")
    finally:
        server.remove()
        shutil.rmtree(home, ignore_errors=True)


def whole(made: Bench, name: str) -> float:
    """Seconds of one rotation and the end of its old value; its grace time is none."""
    begun = time.perf_counter()
    with made.rotator(name, timedelta(0)) as rotator, rotator.log.claimed(name):
        if not rotator.advance("by hand").ended:
            raise SystemExit(f"{name} was not rotated to its end")
    return time.perf_counter() - begun


@dataclass
class Application:
    """pgbench in runs of a second; each begins by reading the secret, and connects anew for each transaction."""

    path: Path
    place: Endpoint
    connected: int = 0
    failed: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until it is over."""
        script = self.path.with_name("look.sql")
        script.write_text("select 1;\n")
        args = [str(bin_folder() / "pgbench"), "-C", "-n", "-c", "2", "-T", "1", "-f", str(script), "postgres"]
        while not self.over.is_set():
            read = json.loads(self.path.read_text())
            where = {"PGHOST": self.place.host, "PGPORT": str(self.place.port), "PGUSER": read["username"]}
            environment = {**os.environ, **where, "PGPASSWORD": read["password"]}
            done = subprocess.run(args, env=environment, capture_output=True, text=True, timeout=60, check=False)
            self.connected += sum(map(int, re.findall(r"transactions actually processed: (\d+)", done.stdout)))
            if done.returncode or "error" in done.stderr:
                self.failed.append(done.stderr.strip().splitlines()[-1])


def reconnecting(made: Bench, rotations: int) -> Application:
    """One secret rotated so often under pgbench, each to the end of its old value."""
    path = made.plant("reconnecting")
    application = Application(path, made.server.endpoint())
    thread = threading.Thread(target=application.run)
    thread.start()
    try:
        for _ in range(rotations):
            with made.rotator("reconnecting", GRACE) as rotator:
                rotator.advance("by hand")
                while not rotator.advance().ended:
                    time.sleep(0.2)
    finally:
        application.over.set()
        thread.join()
    return application


def main() -> None:
    """Print the three."""
    secrets, rotations = int((*sys.argv[1:2], "500")[0]), int((*sys.argv[2:3], "50")[0])
    with bench() as made:
        names = [f"secret_{number}" for number in range(secrets)]
        for name in names:
            made.plant(name)
        before, alone = made.statements(), names[: max(1, min(20, secrets // 2))]
        took = [whole(made, name) for name in alone]
        each = (made.statements() - before) / len(alone)
        print(
            f"one rotation to its end: {median(took):.2f} s, {each:.0f} statements (median and mean of {len(alone)})", flush=True
        )
        begun = time.perf_counter()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            every = list(pool.map(lambda name: whole(made, name), names))
        hours = (time.perf_counter() - begun) / 3600
        print(f"{len(every)} secrets, {AT_ONCE} at a time: {hours * 60:.1f} min (aim: within {NIGHT_H} h)", flush=True)
        seen = reconnecting(made, rotations)
        print(f"pgbench -C through {rotations} rotations: {seen.connected:,} logins, {len(seen.failed)} failed (aim 0)")
        for line in seen.failed[:3]:
            print(f"  {line}")


if __name__ == "__main__":
    main()
