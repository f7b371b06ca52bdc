"""config_files: lines that the next start of the server would refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.config_files import config_files


@contextmanager
def with_line(lab: Lab, file: str, line: str) -> Iterator[Path]:
    """A configuration file of the server with one more line, for a while."""
    path = lab.server.data / file
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        yield path
    finally:
        path.write_text(before)


@pytest.mark.baseline
def test_files_without_errors(lab: Lab) -> None:
    answer = lab.ask(config_files)
    assert (answer.status, answer.summary) == (Status.OK, "0 errors in configuration files")


@pytest.mark.near_miss
def test_a_setting_written_twice(lab: Lab) -> None:
    with with_line(lab, "postgresql.conf", "work_mem = '5MB'\nwork_mem = '6MB'"):
        assert lab.ask(config_files).status is Status.OK


@pytest.mark.near_miss
def test_a_setting_that_waits_for_a_restart(lab: Lab) -> None:
    lab.run("alter system set max_connections = 61")
    lab.run("select pg_reload_conf()")
    try:
        lab.run("select pg_sleep(0.2)")
        answer = lab.ask(config_files)
    finally:
        lab.run("alter system reset max_connections")
        lab.run("select pg_reload_conf()")
    assert answer.status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize("line", ["work_mem = 'a lot'", "no_such_setting = 1", "this is no setting"])
def test_a_wrong_setting(lab: Lab, line: str) -> None:
    with with_line(lab, "postgresql.conf", line) as path:
        answer = lab.ask(config_files)
    assert rules(answer) == [("config_file_error", str(path))]
    assert answer.worst is Severity.HIGH


@pytest.mark.fault
def test_a_wrong_login_rule(lab: Lab) -> None:
    with with_line(lab, "pg_hba.conf", "host all all 10.0.0.0/33 trust") as path:
        answer = lab.ask(config_files)
    assert rules(answer) == [("config_file_error", str(path))]


@pytest.mark.fault
@pytest.mark.parametrize("line", ['bosses "/(unclosed" postgres', "bosses alone"])
def test_a_wrong_map_of_user_names(lab: Lab, line: str) -> None:
    with with_line(lab, "pg_ident.conf", line) as path:
        answer = lab.ask(config_files)
    assert rules(answer) == [("config_file_error", str(path))]


def test_the_grants_it_asks_for_are_enough(lab: Lab) -> None:
    lab.run("drop role if exists reader_of_files; create role reader_of_files login; grant pg_monitor to reader_of_files")
    try:
        refused = lab.ask(config_files, user="reader_of_files")
        lab.run(refused.evidence["remedy"])
        allowed = lab.ask(config_files, user="reader_of_files")
    finally:
        lab.run("drop owned by reader_of_files; drop role reader_of_files")
    assert refused.status is Status.UNKNOWN
    assert allowed.status is Status.OK
