"""public_rights: what PUBLIC was given, and that each remedy takes exactly that away."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, needs_version, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.public_rights import public_rights

PARAMETERS = 15
MAPPED = "create foreign data wrapper w; create server s foreign data wrapper w; create user mapping for public server s"


def ended_by_its_remedy(lab: Lab, answer: Answer) -> bool:
    """Whether nothing is found once every remedy ran."""
    for finding in answer.findings:
        lab.run(finding.remedy)
    return rules(lab.ask(public_rights)) == []


@pytest.fixture
def open_table(lab: Lab) -> Lab:
    """A table in a schema that everybody may use."""
    lab.run('create schema "S ä"; grant usage on schema "S ä" to public; create table "S ä"."T ä" (id int, "C ä" int)')
    return lab


@pytest.mark.baseline
def test_a_new_database_on_every_major(every_lab: Lab) -> None:
    every_lab.run(
        "create table t (id bigserial); create view v as select 1; create function f() returns int language sql as 'select 1'"
    )
    answer = every_lab.ask(public_rights)
    assert (answer.status, answer.summary) == (Status.OK, "everybody has rights on 0 things that nobody has by default")


@pytest.mark.near_miss
def test_what_an_extension_gives(lab: Lab) -> None:
    lab.run("create extension pg_stat_statements; create extension pg_buffercache; create extension pgstattuple")
    assert rules(lab.ask(public_rights)) == []


@pytest.mark.near_miss
@pytest.mark.usefixtures("open_table")
def test_rights_of_one_role(lab: Lab) -> None:
    lab.run('create role reader; grant select on "S ä"."T ä" to reader; grant usage on schema "S ä" to reader')
    lab.run("alter default privileges grant select on tables to reader")
    assert rules(lab.ask(public_rights)) == []
    lab.run("drop owned by reader; drop role reader")


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "given",
    [
        "grant connect, temporary on database {} to public",
        "alter default privileges grant execute on functions to public",
        "alter default privileges grant usage on schemas to public",
        "create foreign data wrapper w; create server s foreign data wrapper w; grant usage on foreign server s to public",
    ],
)
def test_what_is_harmless(lab: Lab, given: str) -> None:
    lab.run(given.format(f'"{lab.database}"'))
    assert rules(lab.ask(public_rights)) == []


@pytest.mark.near_miss
def test_a_temporary_table(lab: Lab) -> None:
    lab.session().execute("create temporary table t (id int); grant all on t to public")
    assert rules(lab.ask(public_rights)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("privileges", "rule", "severity"),
    [
        ("select", "public_may_use_table", Severity.MEDIUM),
        ("insert, select", "public_may_change_table", Severity.HIGH),
        ("truncate", "public_may_change_table", Severity.HIGH),
        ('select ("C ä")', "public_may_use_table", Severity.MEDIUM),
        ('update ("C ä"), select', "public_may_change_table", Severity.HIGH),
    ],
)
def test_a_table(open_table: Lab, privileges: str, rule: str, severity: Severity) -> None:
    open_table.run(f'grant {privileges} on "S ä"."T ä" to public')
    answer = open_table.ask(public_rights)
    assert rules(answer) == [(rule, '"S ä"')]
    assert answer.worst is severity
    assert ended_by_its_remedy(open_table, answer)


@pytest.mark.fault
def test_many_tables_are_one_finding(open_table: Lab) -> None:
    open_table.run(
        "".join(f'create table "S ä".t{i} (id int);' for i in range(30)) + 'grant select on all tables in schema "S ä" to public'
    )
    answer = open_table.ask(public_rights)
    assert rules(answer) == [("public_may_use_table", '"S ä"')]
    assert '31 tables of schema "S ä", such as "S ä"."T ä"' in answer.findings[0].title
    assert "-- and 11 more" in answer.findings[0].remedy


@pytest.mark.fault
def test_a_schema_that_is_closed(lab: Lab) -> None:
    lab.run("create schema closed; create table closed.t (id int); grant all on closed.t to public")
    assert lab.ask(public_rights).worst is Severity.LOW


@pytest.mark.fault
@pytest.mark.parametrize(
    ("given", "found", "severity"),
    [
        ("create sequence q; grant update on q to public", ("public_may_change_sequence", "public"), Severity.HIGH),
        ("select lo_create(4711); grant select on large object 4711 to public",
         ("public_may_use_large_object", "large objects"), Severity.MEDIUM),
        ("grant create on database {0} to public", ("public_may_change_database", "{0}"), Severity.MEDIUM),
        (f"{MAPPED}; grant usage on foreign server s to public", ("public_may_use_foreign_server", "s"), Severity.MEDIUM),
        ("alter default privileges grant select on tables to public",
         ("public_may_use_future_tables", "for role postgres"), Severity.MEDIUM),
        ("alter default privileges in schema public grant insert, update on tables to public",
         ("public_may_change_future_tables", "for role postgres in schema public"), Severity.MEDIUM),
        ("alter default privileges grant create on schemas to public",
         ("public_may_change_future_schemas", "for role postgres"), Severity.MEDIUM),
        ("grant execute on function pg_read_file(text) to public", ("public_may_use_function", "pg_catalog"), Severity.HIGH),
        ("grant select on pg_catalog.pg_authid to public", ("public_may_use_table", "pg_catalog"), Severity.HIGH),
    ],
)  # fmt: skip
def test_other_things(lab: Lab, given: str, found: tuple[str, str], severity: Severity) -> None:
    database = f'"{lab.database}"' if lab.database != lab.database.lower() else lab.database
    lab.run(given.format(database))
    answer = lab.ask(public_rights)
    assert rules(answer) == [(found[0], found[1].format(database))]
    assert answer.worst is severity
    assert ended_by_its_remedy(lab, answer)


@pytest.fixture
def whole_server(lab: Lab) -> Iterator[Lab]:
    """What is given on the whole server is taken back."""
    yield lab
    lab.run("revoke create on tablespace pg_default from public")
    if (lab.server.major or PARAMETERS) >= PARAMETERS:
        lab.run("revoke set, alter system on parameter session_replication_role from public")


@pytest.mark.fault
@pytest.mark.parametrize("privileges", ["set", "alter system, set"])
def test_a_parameter_that_a_superuser_guards(whole_server: Lab, privileges: str) -> None:
    needs_version(whole_server, PARAMETERS, "rights on parameters")
    whole_server.run(f"grant {privileges} on parameter session_replication_role to public")
    answer = whole_server.ask(public_rights)
    assert rules(answer) == [("public_may_change_parameter", "session_replication_role")]
    assert answer.worst is Severity.HIGH
    assert ended_by_its_remedy(whole_server, answer)


@pytest.mark.near_miss
def test_a_parameter_for_one_role(whole_server: Lab) -> None:
    needs_version(whole_server, PARAMETERS, "rights on parameters")
    whole_server.run("create role loader; grant set on parameter session_replication_role to loader")
    assert rules(whole_server.ask(public_rights)) == []
    whole_server.run("revoke set on parameter session_replication_role from loader; drop role loader")


@pytest.mark.fault
def test_room_in_a_tablespace(whole_server: Lab) -> None:
    whole_server.run("grant create on tablespace pg_default to public")
    answer = whole_server.ask(public_rights)
    assert (rules(answer), answer.worst) == ([("public_may_change_tablespace", "pg_default")], Severity.MEDIUM)
    assert ended_by_its_remedy(whole_server, answer)


@pytest.mark.fault
def test_a_function_that_an_extension_guards(lab: Lab) -> None:
    lab.run("create extension pgstattuple; grant execute on function pgstattuple(text) to public")
    answer = lab.ask(public_rights)
    assert (rules(answer), answer.worst) == ([("public_may_use_function", "public")], Severity.MEDIUM)
    assert ended_by_its_remedy(lab, answer)


@pytest.mark.fault
def test_a_table_on_every_major(every_lab: Lab) -> None:
    every_lab.run("create table t (id int); grant all on t to public")
    answer = every_lab.ask(public_rights)
    assert (rules(answer), answer.worst) == ([("public_may_change_table", "public")], Severity.HIGH)
    assert ended_by_its_remedy(every_lab, answer)
