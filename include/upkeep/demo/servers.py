"""The demo's two PostgreSQL servers: one for Upkeep and Airflow, and one that stands for production. The supervisor ends both."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.demo.state import State
from upkeep.errors import BrokenError, UpkeepError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer
from upkeep.store.migrate import migrate
from upkeep.store.reader import admit_login

if TYPE_CHECKING:
    import psycopg

MAJOR = 18
READER = "analyst"
REPORTS = {"max_connections": "150", "shared_buffers": "128MB", "log_min_messages": "warning"}
PRODUCTION = {
    "max_connections": "100",
    "shared_buffers": "128MB",
    "shared_preload_libraries": "pg_stat_statements,auto_explain",
    "wal_level": "logical",
    "max_prepared_transactions": "10",
    "max_replication_slots": "10",
    "max_slot_wal_keep_size": "2GB",
    "archive_mode": "on",
    "archive_command": "mkdir -p ../archive && gzip -1 < %p > ../archive/%f.gz",
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_directory": "log",
    "log_filename": "postgresql-%Y-%m-%d.log",
    "log_rotation_age": "1d",
    "log_min_duration_statement": "100ms",
    "auto_explain.log_min_duration": "200ms",
    "auto_explain.log_format": "json",
    "log_lock_waits": "on",
    "track_io_timing": "on",
}


def report_server(home: Path, state: State) -> ScratchServer:
    """The server of the report tables (database `upkeep`) and of Airflow's metadata (database `airflow`)."""
    secret = state.secret("report superuser")
    return ScratchServer(home / "upkeep", state.ports["report database"], MAJOR, secret, REPORTS, outlives=True)


def production_server(home: Path, state: State) -> ScratchServer:
    """The server of the shop, with settings that a careful team would choose."""
    secret = state.secret("shop superuser")
    return ScratchServer(home / "production", state.ports["shop database"], MAJOR, secret, PRODUCTION, outlives=True)


def refuse_hidden_folder(folder: Path) -> None:
    """Raise UpkeepError when we are root and another user, as whom PostgreSQL must run, could not read here."""
    hidden = [p for p in folder.parents if not p.stat().st_mode & 0o001] if os.geteuid() == 0 else []
    if hidden:
        msg = f"PostgreSQL refuses root, and no other user may enter {hidden[0]}; run as another user or move the project"
        raise UpkeepError(msg)


def prepare_reports(server: ScratchServer, state: State) -> Endpoint:
    """Databases, roles and schema of Upkeep and Airflow; finished where an earlier start stopped. Where to log in as Upkeep."""
    with server.endpoint().connect("demo") as admin:
        for name in ("upkeep", "airflow"):
            role(admin, name, state.secret(f"{name} database"), "createrole" if name == "upkeep" else "")
            if not admin.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                admin.execute(f"create database {name} owner {name}".encode())
    endpoint = server.endpoint("upkeep", "upkeep", state.secret("upkeep database"))
    try:
        migrate(endpoint)
    except BrokenError:
        raise
    except UpkeepError as error:
        raise UpkeepError(f"{error}. This demo was begun by another version of Upkeep: `make clean` removes it") from error
    _let_reader_in(server, state)
    return endpoint


def _let_reader_in(server: ScratchServer, state: State) -> None:
    with server.endpoint("upkeep").connect("demo") as admin:
        role(admin, READER, state.secret(f"{READER} database"))
        admit_login(admin, READER)


def role(admin: "psycopg.Connection[Any]", name: str, password: str, attributes: str = "") -> None:
    """A login with this password. It is sent as a SCRAM verifier, so that it is in no log."""
    verifier = admin.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    exists = admin.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone()
    verb = "alter" if exists else "create"
    admin.execute(f"{verb} role {name} login {attributes} password '{verifier}'".encode())
