"""A backup's memory does not grow with the database: a process of its own takes one of a small and of a much larger one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lab import Lab, fresh_database
from upkeep.sources.postgres import Endpoint

MB = 1000
# From about where both sessions are at work.
ROWS = "create table one as select i, repeat(md5(i::text), 16) as x from generate_series(1, {size} * 800) as i"
# Lines of one table that are long: a megabyte each, hardly compressed.
LONG = """
    create table long (x text);
    insert into long select string_agg(md5((i * 7919 + n)::text), '') from generate_series(1, {size} / 50) as n,
        generate_series(1, 30000) as i group by n
"""
FUNCTIONS = """
    do $$ begin
        for i in 1..{size} loop
            execute format('create function f_%s() returns text language sql as %L', i,
                'select ''' || repeat(md5(i::text), 320) || '''');
        end loop;
    end $$
"""
TABLES = """
    do $$ begin
        for i in 1..{size} / 2 loop
            execute format('create table t_%s (a int default 1, b text, c text, d text, e text, f text, g text, h text)', i);
        end loop;
    end $$
"""


def most_memory(end: Endpoint, folder: Path) -> int:
    """Of a process that takes a backup, in kB."""
    env = {
        **os.environ, "PGHOST": end.host, "PGPORT": str(end.port), "PGUSER": end.user or "", "PGPASSWORD": end.password or "",
        "PGDATABASE": end.database or "",
    }  # fmt: skip
    command = [sys.executable, "-m", "tests.backups.peak", str(folder)]
    done = subprocess.run(command, env=env, check=True, capture_output=True, text=True)
    return int(done.stdout)


@pytest.mark.parametrize(
    ("plant", "small", "large", "most"),
    [
        pytest.param(ROWS, 100, 400, 8 * MB, id="rows, 120 MB more"),
        pytest.param(LONG, 100, 2000, 8 * MB, id="long lines, 36 MB more"),
        pytest.param(FUNCTIONS, 100, 2000, 8 * MB, id="definitions, 20 MB more"),
        pytest.param(TABLES, 100, 2000, 7 * MB, id="950 tables of 8 columns more"),
    ],
)
def test_memory_does_not_grow_with_the_database(lab: Lab, tmp_path: Path, plant: str, small: int, large: int, most: int) -> None:
    lab.run(plant.format(size=small))
    least = most_memory(lab.endpoint, tmp_path / "small")
    with fresh_database(lab.server, "larger") as larger:
        larger.run(plant.format(size=large))
        assert most_memory(larger.endpoint, tmp_path / "large") - least < most
    assert least < 100 * MB


def test_what_the_tests_own_process_holds_does_not_count(lab: Lab, tmp_path: Path) -> None:
    held = bytearray(b"x" * (200 * MB * 1000))
    assert most_memory(lab.endpoint, tmp_path) < 100 * MB
    assert held
