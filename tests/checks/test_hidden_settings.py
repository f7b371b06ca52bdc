"""What the asking login or its database sets for itself hides the server's value: that is said, with what undoes it."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.checks.database.test_settings import alter_system
from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.autovacuum import autovacuum
from upkeep.checks.database.query_performance import query_performance
from upkeep.checks.database.settings import settings
from upkeep.sources.hidden_settings import hidden_settings
from upkeep.sources.postgres import session

LOGIN = "watcher with its own"
MENDED = "fsync"


@pytest.fixture
def own(lab: Lab) -> Iterator[Lab]:
    """A database and a monitoring login that will have settings of its own."""
    lab.run(f'create role "{LOGIN}" login in role pg_monitor')
    yield lab
    lab.run(f'drop owned by "{LOGIN}"; drop role "{LOGIN}"')


def ask(lab: Lab, accept: str = MENDED) -> Answer:
    return lab.ask(settings, user=LOGIN, accept=accept)


@contextmanager
def server_has(lab: Lab, name: str, value: str) -> Iterator[None]:
    """The server's own value for a while."""
    before = lab.value(f"select setting from pg_settings where name = '{name}'")
    alter_system(lab, name, value)
    try:
        yield
    finally:
        lab.run(f"alter system reset {name}")
        lab.run("select pg_reload_conf()")
        wait_until(lab.server, f"select setting = '{before}' from pg_settings where name = '{name}'")


PLACES = {
    "role": 'alter role "{login}" set {name} = {value}',
    "database": "alter database {database} set {name} = {value}",
    "both": 'alter role "{login}" in database {database} set {name} = {value}',
    "all": "alter role all set {name} = {value}",
}
HARMLESS = {
    "synchronous_commit": ("off", "on"),
    "track_counts": ("off", "on"),
    "log_min_messages": ("panic", "warning"),
    "log_min_error_statement": ("fatal", "error"),
    "zero_damaged_pages": ("on", "off"),
    "session_replication_role": ("replica", "origin"),
}


def set_at(lab: Lab, place: str, name: str, value: str) -> None:
    lab.run(PLACES[place].format(login=LOGIN, database=lab.database, name=name, value=value))


@pytest.mark.fault
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", HARMLESS)
def test_a_servers_value_that_cannot_be_seen(own: Lab, name: str, place: str) -> None:
    bad, good = HARMLESS[name]
    with server_has(own, name, bad):
        set_at(own, place, name, good)
        try:
            (finding,) = ask(own).findings
            own.run(finding.remedy)
            after = ask(own)
        finally:
            own.run(f"alter role all reset {name}")
    assert finding.rule == "server_value_hidden"
    assert finding.object.startswith(f"{name} hidden by ")
    assert finding.severity is Severity.MEDIUM
    # For the whole server the autovacuum check says it.
    assert rules(after) == ([] if name == "track_counts" else [("risky_setting", name)])


@pytest.mark.fault
def test_each_place_that_hides_it_has_its_own_statement(own: Lab) -> None:
    for place in ("role", "database", "both"):
        set_at(own, place, "synchronous_commit", "on")
    answer = ask(own)
    assert sorted(f.object for f in answer.findings) == [
        f"synchronous_commit hidden by database {own.database}",
        f'synchronous_commit hidden by role "{LOGIN}"',
        f'synchronous_commit hidden by role "{LOGIN}" in database {own.database}',
    ]
    for finding in answer.findings:
        assert ask(own).status is Status.BREACH
        own.run(finding.remedy)
    assert ask(own).status is Status.OK


@pytest.mark.fault
def test_what_is_wrong_in_the_scope_that_hides_it_is_told_once(own: Lab) -> None:
    set_at(own, "role", "synchronous_commit", "off")
    assert rules(ask(own)) == [("risky_setting", f'synchronous_commit of role "{LOGIN}"')]
    accepted = ask(own, f'{MENDED}, synchronous_commit of role "{LOGIN}"')
    assert rules(accepted) == [("server_value_hidden", f'synchronous_commit hidden by role "{LOGIN}"')]


@pytest.mark.near_miss
def test_hidden_on_purpose(own: Lab) -> None:
    set_at(own, "role", "synchronous_commit", "on")
    assert ask(own, f'{MENDED}, synchronous_commit hidden by role "{LOGIN}"').status is Status.OK


@pytest.mark.near_miss
def test_what_another_login_or_database_sets_hides_nothing(own: Lab) -> None:
    own.run("create role other login; alter role other set synchronous_commit = on; alter role other set log_min_messages = info")
    own.run("alter database postgres set synchronous_commit = on")
    try:
        assert ask(own).status is Status.OK
    finally:
        own.run("alter database postgres reset synchronous_commit; drop role other")


@pytest.mark.near_miss
def test_what_the_check_does_not_judge_hides_nothing(own: Lab) -> None:
    set_at(own, "role", "work_mem", "'1GB'")
    set_at(own, "role", "statement_timeout", "'30s'")
    assert ask(own).status is Status.OK


def test_what_the_connection_itself_asks_for(own: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c synchronous_commit=on")
    (finding,) = ask(own).findings
    assert finding.object == "synchronous_commit hidden by the connection"
    assert "PGOPTIONS" in finding.remedy


@pytest.mark.fault
def test_counting_that_is_off_while_the_login_counts(own: Lab) -> None:
    set_at(own, "role", "track_counts", "on")
    with server_has(own, "autovacuum", "on"), server_has(own, "track_counts", "off"):
        wait_until(own.server, "select not exists (select from pg_stat_activity where backend_type = 'autovacuum launcher')")
        answer = own.ask(autovacuum, user=LOGIN)
    assert rules(answer) == [("autovacuum_off", "server")]
    assert "track_counts is off" in answer.findings[0].title


@pytest.mark.near_miss
def test_counting_that_is_off_for_the_login_alone(own: Lab) -> None:
    set_at(own, "role", "track_counts", "off")
    with server_has(own, "autovacuum", "on"):
        wait_until(own.server, "select exists (select from pg_stat_activity where backend_type = 'autovacuum launcher')")
        assert rules(own.ask(autovacuum, user=LOGIN)) == []


@pytest.mark.fault
@pytest.mark.parametrize("value", ["none", "'all'"])
def test_statements_are_counted_by_the_servers_own_value(own: Lab, value: str) -> None:
    own.run("create extension pg_stat_statements")
    set_at(own, "role", "pg_stat_statements.track", value)
    answer = own.ask(query_performance, user=LOGIN)
    assert answer.status is Status.UNKNOWN
    own.run(str(answer.evidence["remedy"]))
    again = own.ask(query_performance, user=LOGIN)
    assert "track" not in again.summary


def test_on_every_version(every_lab: Lab) -> None:
    every_lab.run("create role asks login; alter role asks set synchronous_commit = on")
    try:
        with session(every_lab.login("asks"), "test") as pg:
            (found,) = hidden_settings(pg, ["synchronous_commit", "fsync", "no such setting"])
        assert (found.scope, found.value) == ("role asks", "on")
        assert found.reset == "alter role asks reset synchronous_commit;"
    finally:
        every_lab.run("drop role asks")
