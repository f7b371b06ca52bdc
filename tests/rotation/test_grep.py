"""A rotation as a process of its own, with every log of the server on: its values are looked for wherever they could be."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lab import Lab, fresh_database
from tests.rotation.world import FIRST, first_value, prepare, users
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, bin_folder, free_port, installed

pytestmark = [pytest.mark.slow, pytest.mark.airflow]
LOGS = {
    "log_statement": "all", "log_min_duration_statement": "0", "log_min_error_statement": "debug5", "log_connections": "on",
    "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1", "debug_print_parse": "on",
}  # fmt: skip
SERVICE = """
value=$(cat); sleep 0.4
case "$1" in
try) grep -qxF -e "$value" "$2" ;;
add) printf '%s\\n' "$value" >> "$2" ;;
drop) grep -vxF -e "$value" "$2" > "$2.new"; mv "$2.new" "$2" ;;
esac
"""


@dataclass
class Seen:
    """What anybody on the machine could read of a process and its children, and of their temporary files."""

    root: int
    folder: Path
    texts: list[str] = field(default_factory=list)
    cores: set[str] = field(default_factory=set)
    processes: set[str] = field(default_factory=set)

    def look(self) -> None:
        """Once."""
        for pid in self._family():
            with suppress(OSError):
                self.texts += [
                    Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace") for name in ("cmdline", "environ")
                ]
                self.processes.add(Path(f"/proc/{pid}/comm").read_text().strip())
                limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
                self.cores.add(next(line.split()[4] for line in limits if line.startswith("Max core")))
        self.texts += list(texts_below(self.folder))

    def _family(self) -> set[int]:
        found = {self.root}
        parents: dict[int, int] = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        for _ in range(4):
            found |= {pid for pid, parent in parents.items() if parent in found}
        return found


def texts_below(folder: Path) -> Iterator[str]:
    """Every file."""
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file():
                yield path.read_bytes().decode(errors="replace")


def uri(place: Endpoint) -> str:
    """As Airflow takes it from the environment."""
    about = {"conn_type": "postgres", "host": place.host, "port": place.port, "login": place.user, "password": place.password}
    return json.dumps({**about, "schema": place.database})


def inventory(folder: Path, lab: Lab) -> None:
    """Logins in files, of two users and of one, and tokens of a service with commands."""
    (folder / "tokens.sh").write_text(SERVICE)
    first, second = users(lab)
    args = {word: json.dumps(["/bin/sh", str(folder / "tokens.sh"), told, str(folder / "kept" / "tokens")])
            for word, told in {"install": "add", "prove": "try", "retire": "drop"}.items()}  # fmt: skip
    (folder / "inventory.yaml").write_text(f"""
people: [{{name: ann, role: dba, slack: U0ANN}}]
secrets:
  - name: shop login
    owner: ann
    store: {{kind: file, path: '{folder}/kept/shop'}}
    opens: {{kind: postgres_users, connection: shop_rotation, users: [{first}, {second}]}}
  - name: reports login
    owner: ann
    store: {{kind: file, path: '{folder}/kept/shop of reports'}}
    opens: {{kind: postgres_user, connection: shop_rotation, user: {single(lab)}, when_refused: try_pending}}
  - name: partner token
    owner: ann
    store: {{kind: file, path: '{folder}/kept/token'}}
    opens: {{kind: command, install: {args["install"]}, prove: {args["prove"]}, retire: {args["retire"]}}}
""")


def single(lab: Lab) -> str:
    """The user that is alone."""
    return f"{lab.database}_reports"


def run(folder: Path, lab: Lab, reports: Lab, *args: str) -> Seen:
    """A command at a terminal, looked at all the time."""
    environment = {
        "PATH": os.environ["PATH"], **dict.fromkeys(("HOME", "TMPDIR", "AIRFLOW_HOME"), str(folder / "home")),
        "UPKEEP_INVENTORY": str(folder / "inventory.yaml"), "AIRFLOW_CONN_UPKEEP_DB": uri(reports.endpoint),
        "AIRFLOW_CONN_SHOP_ROTATION": uri(lab.endpoint), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("upkeep")), "secret", *args]
    process = subprocess.Popen(
        command, env=environment, cwd=folder / "home", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seen, over = Seen(process.pid, folder / "home"), threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.look()
            time.sleep(0.05)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        printed, _ = process.communicate(timeout=120)
    finally:
        over.set()
        thread.join()
    assert process.returncode == 0, printed
    seen.texts += [printed, *texts_below(folder / "home")]
    return seen


@contextmanager
def loud(lab: Lab) -> Iterator[None]:
    """Every log of the server is on."""
    try:
        for name, value in LOGS.items():
            lab.run(f"alter system set {name} = '{value}'")
        lab.run("select pg_reload_conf(), pg_sleep(0.5)")
        yield
    finally:
        for name in LOGS:
            lab.run(f"alter system reset {name}")
        lab.run("select pg_reload_conf()")


def told_by(lab: Lab, reports: Lab) -> Iterator[str]:
    """What server, statistics and the report database have."""
    for path in {*lab.server.folder.rglob("*.log"), *lab.server.folder.rglob("log*/*")}:
        if path.is_file():
            yield path.read_text(errors="replace")
    yield str(lab.value("select string_agg(query, ' ') from pg_stat_activity"))
    if has_statistics(lab):
        yield str(lab.value("select string_agg(query, ' ') from pg_stat_statements"))
    with reports.endpoint.connect("look") as session:
        for (name,) in session.execute("select tablename from pg_tables where schemaname = 'upkeep'").fetchall():
            yield str(session.execute(f"select string_agg(one::text, ' ') from upkeep.{name} as one".encode()).fetchone())


def has_statistics(lab: Lab) -> bool:
    """Whether the server counts statements, with their text."""
    if "pg_stat_statements" not in lab.value("show shared_preload_libraries"):
        return False
    lab.run("create extension if not exists pg_stat_statements")
    return True


def forget(lab: Lab) -> None:
    """What the test itself told the server, with a password in it."""
    if has_statistics(lab):
        lab.run("select pg_stat_statements_reset()")


def values(folder: Path) -> set[str]:
    """Every secret text that a store has or had."""
    kept = [json.loads(path.read_text())["password"] for path in folder.glob("kept/shop*")]
    return {FIRST, "the-first-token", *kept, *(path.read_text() for path in folder.glob("kept/token*"))} - {""}


def looked_for(lab: Lab, reports: Lab, folder: Path) -> None:
    """Three secrets, rotated, taken back, and ended; nothing of them is anywhere."""
    for name in ("home", "kept"):
        (folder / name).mkdir()
    prepare(lab)
    lab.run(f"drop role if exists {single(lab)}; create role {single(lab)} login password '{FIRST}'")
    forget(lab)
    inventory(folder, lab)
    (folder / "kept" / "shop").write_text(first_value(lab).text)
    (folder / "kept" / "shop of reports").write_text(first_value(lab).replaced(username=single(lab)).text)
    (folder / "kept" / "token").write_text("the-first-token")
    (folder / "kept" / "tokens").write_text("the-first-token\n")
    known, seen = set(values(folder)), []
    with loud(lab):
        for args in (("rotate",), ("rollback",), ("rotate", "--compromised")):
            for name in ("shop login", "reports login", "partner token"):
                seen.append(run(folder, lab, reports, args[0], name, *args[1:]))
                known |= values(folder)
        everything = [*told_by(lab, reports), *(text for each in seen for text in each.texts)]
    assert len({value for value in known if "\n" not in value}) >= 8, "each rotation made a value"
    assert any("login password 'SCRAM-SHA-256$" in text for text in everything), "the log was read"
    assert "sh" in {name for each in seen for name in each.processes}, "children were seen"
    assert all("0" in each.cores or "1" in each.cores for each in seen), "processes that hold a secret leave no core file"
    shown = [text[:80] for text in everything for value in known if value.strip() in text]
    assert shown == []


def test_no_value_is_anywhere(lab: Lab, reports: Lab, tmp_path: Path) -> None:
    looked_for(lab, reports, tmp_path)


def test_no_value_is_in_an_audit_log_either(reports: Lab, tmp_path: Path) -> None:
    """Pgaudit writes each statement once more."""
    audited = [major for major in installed() if (bin_folder(major).parent / "lib" / "pgaudit.so").exists()]
    if not audited:
        pytest.skip("no PostgreSQL with pgaudit here")
    tmp_path.chmod(0o755)
    settings = {"fsync": "off", "shared_preload_libraries": "pgaudit", "pgaudit.log": "all", "pgaudit.log_parameter": "on"}
    server = ScratchServer(tmp_path / "server", free_port(), major=audited[-1], settings=settings)
    try:
        server.start()
        with fresh_database(server, "audited") as lab:
            looked_for(lab, reports, tmp_path)
    finally:
        server.remove()
