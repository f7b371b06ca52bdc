"""settings: dangerous values in every scope. The scratch server itself runs with fsync off."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.answer import Severity, Status
from upkeep.checks.database.settings import settings


@pytest.fixture
def role(lab: Lab) -> Iterator[str]:
    lab.run('drop role if exists "Lader ""ä"""; create role "Lader ""ä""" login')
    yield '"Lader ""ä"""'
    lab.run('drop role "Lader ""ä"""')


def alter_system(lab: Lab, name: str, value: str) -> None:
    """Set it for the server and wait until it holds."""
    lab.run(f"alter system set {name} = '{value}'")
    lab.run("select pg_reload_conf()")
    wait_until(lab.server, f"select current_setting('{name}') = '{value}'")


@pytest.mark.baseline
def test_accepted_on_purpose(lab: Lab) -> None:
    answer = lab.ask(settings, accept="fsync")
    assert answer.status is Status.OK
    assert answer.summary.endswith("accepted: fsync")


@pytest.mark.near_miss
def test_a_role_may_be_more_careful_or_change_other_things(lab: Lab, role: str) -> None:
    lab.run(f"alter role {role} set synchronous_commit = remote_apply")
    lab.run(f"alter role {role} set work_mem = '1GB'")
    assert lab.ask(settings, accept="fsync").status is Status.OK


@pytest.mark.fault
def test_the_servers_fsync(lab: Lab) -> None:
    answer = lab.ask(settings)
    assert rules(answer) == [("risky_setting", "fsync")]
    assert answer.worst is Severity.CRITICAL


@pytest.mark.fault
@pytest.mark.parametrize(
    ("name", "value", "severity"),
    [
        ("full_page_writes", "off", Severity.CRITICAL),
        ("synchronous_commit", "off", Severity.HIGH),
        ("zero_damaged_pages", "on", Severity.CRITICAL),
        ("ignore_checksum_failure", "on", Severity.HIGH),
        ("track_activities", "off", Severity.MEDIUM),
        ("log_min_messages", "panic", Severity.MEDIUM),
        ("session_replication_role", "replica", Severity.HIGH),
    ],
)
def test_for_the_server(lab: Lab, name: str, value: str, severity: Severity) -> None:
    alter_system(lab, name, value)
    try:
        answer = lab.ask(settings, accept="fsync")
    finally:
        lab.run(f"alter system reset {name}")
        lab.run("select pg_reload_conf()")
        wait_until(lab.server, f"select setting = boot_val from pg_settings where name = '{name}'")
    assert rules(answer) == [("risky_setting", name)]
    assert answer.worst is severity


@pytest.mark.fault
def test_for_a_role(lab: Lab, role: str) -> None:
    lab.run(f"alter role {role} set synchronous_commit = FALSE")
    answer = lab.ask(settings, accept="fsync")
    assert rules(answer) == [("risky_setting", f"synchronous_commit of role {role}")]
    assert answer.worst is Severity.MEDIUM
    assert lab.ask(settings, accept=f"fsync, synchronous_commit of role {role}").status is Status.OK
    lab.run(answer.findings[0].remedy)
    assert lab.ask(settings, accept="fsync").status is Status.OK


@pytest.mark.fault
def test_a_role_that_writes_as_a_replica(lab: Lab, role: str) -> None:
    lab.run(f"alter role {role} set session_replication_role = replica")
    answer = lab.ask(settings, accept="fsync")
    assert rules(answer) == [("risky_setting", f"session_replication_role of role {role}")]
    assert answer.worst is Severity.LOW
    lab.run(answer.findings[0].remedy)
    assert lab.ask(settings, accept="fsync").status is Status.OK


@pytest.mark.fault
def test_for_this_database(lab: Lab) -> None:
    lab.run(f'alter database "{lab.database}" set synchronous_commit = off')
    answer = lab.ask(settings, accept="fsync")
    assert rules(answer) == [("risky_setting", f"synchronous_commit of database {lab.database}")]
    lab.run(answer.findings[0].remedy)
    assert lab.ask(settings, accept="fsync").status is Status.OK


@pytest.mark.fault
def test_for_a_role_in_a_database(lab: Lab, role: str) -> None:
    lab.run(f"alter role {role} in database {lab.database} set zero_damaged_pages = on")
    answer = lab.ask(settings, accept="fsync")
    assert rules(answer) == [("risky_setting", f"zero_damaged_pages of role {role} in database {lab.database}")]
    assert answer.worst is Severity.CRITICAL
    lab.run(answer.findings[0].remedy)


@pytest.mark.fault
def test_a_change_that_waits_for_a_restart(lab: Lab) -> None:
    lab.run("alter system set max_connections = 61")
    lab.run("select pg_reload_conf()")
    try:
        wait_until(lab.server, "select pending_restart from pg_settings where name = 'max_connections'")
        answer = lab.ask(settings, accept="fsync")
    finally:
        lab.run("alter system reset max_connections")
        lab.run("select pg_reload_conf()")
        wait_until(lab.server, "select not pending_restart from pg_settings where name = 'max_connections'")
    assert rules(answer) == [("pending_restart", "max_connections")]
    assert answer.worst is Severity.LOW
