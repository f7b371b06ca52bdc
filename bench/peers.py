"""
Which faults Upkeep, check_pgactivity, check_postgres and pgBadger see, on one server.

Each fault of peers.yaml is planted in a database of its own. A tool sees it when it is quiet before and not after; what alarms
on the healthy database too is marked as a false alarm. Thresholds of every tool are lowered alike, since the faults are small and
new. A tool that is not installed has an empty column (Debian: check-pgactivity, check-postgres, pgbadger).

    python bench/peers.py [how many faults]
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import yaml
from rich.console import Console
from rich.table import Table

from tests.lab import Lab, Past, fresh_database
from upkeep.discovery import discover
from upkeep.sources.scratch import ScratchServer, free_port, installed
from upkeep.window import Window

FAULTS = Path(__file__).with_name("peers.yaml")
PLUGINS = Path("/usr/lib/nagios/plugins")
PREFIX = "%m [%p] %q%u@%d "
SETTINGS = {
    "wal_level": "logical",
    "max_prepared_transactions": "5",
    "log_min_duration_statement": "500ms",
    "log_lock_waits": "on",
    "deadlock_timeout": "200ms",
    "log_line_prefix": PREFIX,
    "autovacuum_naptime": "1d",
    "logging_collector": "on",
    "log_filename": "server.log",
}
# The newest that Debian's own packages of the others know.
KNOWN_TO_ALL = 15
YES, NO, FALSE_ALARM = "yes", "-", "false alarm"


@dataclass(frozen=True)
class Fault:
    """One entry of peers.yaml."""

    fault: str
    upkeep: Mapping[str, Any]
    plant: list[str] = field(default_factory=list)
    hold: list[str] = field(default_factory=list)
    wait: str = ""
    hba: str = ""
    undo: list[str] = field(default_factory=list)
    check_pgactivity: str = ""
    check_postgres: str = ""
    pgbadger: str = ""


def program(name: str) -> str | None:
    """Where a tool is, if it is installed."""
    return shutil.which(name) or shutil.which(name, path=str(PLUGINS))


def alarms(tool: str, service: str, lab: Lab) -> bool:
    """Whether a Nagios check warns about the database."""
    where = ["-h" if tool == "check_pgactivity" else "-H", "127.0.0.1", "-p", str(lab.server.port)]
    action, *args = shlex.split(service)
    if tool == "check_pgactivity":
        where += ["-U", "postgres", "-d", lab.database, "-s", action, "--status-file", str(lab.server.folder / "status")]
        where += (
            ["--dbinclude", f"^{lab.database}$"]
            if action not in {"backends_status", "configuration", "replication_slots"}
            else []
        )
    else:
        where += ["-u", "postgres", "-db", lab.database, f"--action={action}"]
    environment = {**os.environ, "PGPASSFILE": str(lab.server.passfile)}
    command = [str(program(tool)), *where, *args]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode not in {0, 1, 2}:
        raise RuntimeError(f"{tool} {service}: {done.stdout[:300]} {done.stderr[:300]}")
    return done.returncode > 0


def found(fault: Fault, lab: Lab) -> bool:
    """Whether Upkeep has the finding."""
    rules = dict(fault.upkeep)
    name, rule, now = rules.pop("duty"), rules.pop("rule"), datetime.now(UTC)
    duty = next(d for d in discover() if d.name == name)
    window = Window(now - timedelta(hours=1), now + timedelta(minutes=1))
    # Twice, since some compare with what they saw before.
    before = lab.ask(duty, window=window, **rules).state
    answer = lab.ask(duty, window=window, history=Past(before), **rules)
    return any(f.rule == rule for f in answer.findings)


def looks(fault: Fault, lab: Lab) -> dict[str, bool]:
    """What each tool says now; pgBadger, which reads the log, once at the end."""
    seen = {"Upkeep": found(fault, lab)}
    for tool in ("check_pgactivity", "check_postgres"):
        if getattr(fault, tool) and program(tool):
            seen[tool] = alarms(tool, getattr(fault, tool), lab)
    return seen


@contextmanager
def planted(fault: Fault, lab: Lab) -> Iterator[None]:
    """The fault, for as long as the tools look at it."""
    hba = lab.server.data / "pg_hba.conf"
    rules = hba.read_text()
    hba.write_text(f"{rules}\n{fault.hba}\n")
    for statement in fault.plant:
        with suppress(psycopg.errors.UniqueViolation):
            lab.run(statement)
    for statement in fault.hold:
        lab.session(autocommit=False, application="shop").execute(statement.encode())
    waiting = threading.Thread(target=_wait, args=(lab, fault.wait), daemon=True)
    waiting.start()
    time.sleep(1.2 if fault.hold or "prepare" in " ".join(fault.plant) else 0)
    try:
        yield
    finally:
        hba.write_text(rules)
        lab.stack.close()
        waiting.join()
        for statement in fault.undo:
            lab.run(statement)


def _wait(lab: Lab, statement: str) -> None:
    if statement:
        with suppress(psycopg.Error):
            lab.run(statement)


def tried(fault: Fault, server: ScratchServer, number: int) -> dict[str, str]:
    """Of each tool: whether it saw the fault."""
    with fresh_database(server, f"planted_{number}") as lab:
        healthy = looks(fault, lab)
        with planted(fault, lab):
            spoilt = looks(fault, lab)
    return {tool: (FALSE_ALARM if healthy[tool] else YES) if spoilt[tool] else NO for tool in spoilt}


def badger(server: ScratchServer) -> str:
    """What pgBadger makes of the server's log."""
    log = server.data / "log/server.log"
    command = [str(program("pgbadger")), "-q", "-f", "stderr", "-p", PREFIX, "-x", "json", "-o", "-", str(log)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def shown(faults: list[Fault], results: list[dict[str, str]]) -> Table:
    """One line a fault, and how many each tool sees."""
    tools = ["Upkeep", "check_pgactivity", "check_postgres", "pgbadger"]
    table = Table("fault", *tools)
    for fault, result in zip(faults, results, strict=True):
        table.add_row(
            fault.fault, *(result.get(tool, "" if tool == "Upkeep" or program(tool) else "not tried") for tool in tools)
        )
    table.add_section()
    table.add_row(f"seen of {len(faults)}", *(str(sum(r.get(tool) == YES for r in results)) for tool in tools))
    return table


def main(count: int) -> None:
    """Plant, ask, print."""
    faults = [Fault(**entry) for entry in yaml.safe_load(FAULTS.read_text(encoding="utf-8"))][:count]
    for tool in ("check_pgactivity", "check_postgres", "pgbadger"):
        if not program(tool):
            print(f"{tool} is not installed: its column stays empty")
    major = KNOWN_TO_ALL if KNOWN_TO_ALL in installed() else None
    with tempfile.TemporaryDirectory(prefix="upkeep-peers-") as folder:
        Path(folder).chmod(0o755)
        server = ScratchServer(Path(folder) / "server", free_port(), major=major, settings=SETTINGS)
        server.start()
        try:
            results = [tried(fault, server, number) for number, fault in enumerate(faults)]
            log = badger(server) if program("pgbadger") else ""
        finally:
            server.remove()
    for fault, result in zip(faults, results, strict=True):
        if fault.pgbadger and log:
            result["pgbadger"] = YES if fault.pgbadger in log else NO
    Console(width=110).print(shown(faults, results))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
