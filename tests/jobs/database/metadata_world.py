"""A metadata database as Airflow leaves it after a year, and a stand-in for `airflow db`; the slow test runs the real one."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.lab import Lab
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint

DATED = {"dag_run": "start_date", "job": "latest_heartbeat", "log": "dttm"}
TABLES = """
    create table alembic_version (version_num varchar(32) primary key);
    insert into alembic_version values ('abc123');
    create table dag_run (id serial primary key, start_date timestamptz);
    create table job (id serial primary key, latest_heartbeat timestamptz);
    create table log (id serial primary key, dttm timestamptz);
    insert into log (dttm) select now() - interval '400 days' + i * interval '1 day' from generate_series(1, 399) as i;
    insert into job (latest_heartbeat) select now() - interval '300 days' from generate_series(1, 30) as i;
    analyze;
"""


@dataclass
class Command:
    """What `airflow db` does to these tables; `dies_at` is the step at which it is killed, `calls` what it was told."""

    calls: list[tuple[str, ...]] = field(default_factory=list)
    dies_at: int | None = None
    steps: int = 0
    unreadable: tuple[str, ...] = ()

    def step(self) -> None:
        """One more moment at which a kill may come."""
        self.steps += 1
        if self.steps - 1 == self.dies_at:
            raise KeyboardInterrupt

    def run(self, endpoint: Endpoint, reads: bool, args: tuple[str, ...]) -> str:  # noqa: FBT001 - a field of the command
        """One run of the program."""
        self.calls.append(args)
        given = dict(re.findall(r"--([\w-]+) ([^-]\S*)", " ".join(args)))
        with endpoint.connect("airflow") as connection:
            connection.execute(f"set default_transaction_read_only = {'on' if reads else 'off'}".encode())
            match args[0]:
                case "clean":
                    return "\n".join(self._clean(connection, args, given))
                case "drop-archived" | "export-archived":
                    return self._drop(connection)
                case _:
                    raise BrokenError(f"no such command: {args[0]}", retry=False)

    def _clean(self, connection: Any, args: tuple[str, ...], given: dict[str, str]) -> list[str]:
        messages = [f"{name} | {name}.{column} | {name}.dag_id |" for name, column in DATED.items()]
        for name in given["tables"].split(","):
            if name in self.unreadable:
                messages.append(f"Encountered error when attempting to clean table '{name}'. ")
                continue
            old = f"{DATED[name]} < '{given['clean-before-timestamp']}'"
            (count,) = connection.execute(f"select count(*) from {name} where {old}".encode()).fetchone()
            messages += [f"Checking table {name}", f"Found {count} rows meeting deletion criteria."]
            if "--dry-run" not in args and count:
                self._delete(connection, name, old, int(given["batch-size"]), keep="--skip-archive" not in args)
        return messages

    def _delete(self, connection: Any, name: str, old: str, size: int, *, keep: bool) -> None:
        while True:
            batch = f"select * from {name} where {old} limit {size}"
            if not connection.execute(batch.encode()).fetchall():
                return
            self.step()
            copy = f"_airflow_deleted__{name}__{self.steps}"
            connection.execute(f"create table {copy} as {batch}".encode())
            self.step()
            connection.execute(f"delete from {name} where id in (select id from {copy})".encode())
            self.step()
            if not keep:
                connection.execute(f"drop table {copy}".encode())

    def _drop(self, connection: Any) -> str:
        for (name,) in archives(connection):
            self.step()
            connection.execute(f"drop table {name}".encode())
        return "dropped"


def archives(connection: Any) -> list[tuple[str]]:
    """Archive tables, as the command finds them."""
    found: list[tuple[str]] = connection.execute(
        "select relname from pg_class where relkind = 'r' and relname ~ '^(_airflow_deleted__|_xcom_archive$)'"
    ).fetchall()
    return found


def aged(lab: Lab) -> Lab:
    """The tables, a year old."""
    lab.run(TABLES)
    return lab
