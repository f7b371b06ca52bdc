"""Data to back up: pgbench, wide jsonb, many small tables, one large one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from upkeep.sources.scratch import ScratchServer, bin_folder

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


def fill(server: ScratchServer, share: float, *, small: bool = True) -> list[str]:
    """Make and fill the databases, in a share of their full size; their names."""
    names = ["pgbench", "wide", *(["many", "one"] if small else [])]
    with server.endpoint().connect("bench") as admin:
        for name in names:
            admin.execute(f"create database {name}".encode())
    args = ["-i", "-q", "-s", str(max(1, round(100 * share))), "pgbench"]
    subprocess.run([_pgbench(), *args], env=environment(server), check=True, capture_output=True)
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
def writing(server: ScratchServer) -> Iterator[None]:
    """Where pgbench writes into its database meanwhile."""
    args = [_pgbench(), "-n", "-c", "2", "-R", "200", "-T", "3600", "pgbench"]
    process = subprocess.Popen(args, env=environment(server), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def environment(server: ScratchServer) -> dict[str, str]:
    """What PostgreSQL's programs need to reach it."""
    return {
        **os.environ,
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": "postgres",
        "PGPASSWORD": str(server.endpoint().password),
    }
