"""Roles: what a backup remembers of them, what another server lacks, and what an administrator without superuser can do."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.backups.places import as_login, database, drop, make, manifest_of, roles, run
from tests.lab import login
from upkeep.backups import catalogue
from upkeep.backups.destination import Destination
from upkeep.backups.neutral import neutral
from upkeep.backups.role_facts import Membership, RoleFacts, roles_of_database, roles_there
from upkeep.backups.role_making import apply_roles
from upkeep.backups.role_mode import Mode
from upkeep.backups.role_plan import lacking, plan_roles
from upkeep.backups.roles import for_scratch, hand_over
from upkeep.errors import BrokenError
from upkeep.sources.scratch import ScratchServer

NAMES = ("datadog", "agents", "app", "alice", "heir", "bystander", "dba", "mightier", "group")


@pytest.fixture
def server(every_server: ScratchServer) -> Iterator[ScratchServer]:
    """A server without the roles that these tests make."""
    drop(every_server, "copy")
    roles(every_server, *NAMES)
    yield every_server
    drop(every_server, "copy")
    roles(every_server, *NAMES)


def named(facts: tuple[RoleFacts, ...]) -> dict[str, RoleFacts]:
    return {each.name: each for each in facts}


def facts_of(server: ScratchServer, name: str) -> tuple[RoleFacts, ...]:
    with server.endpoint(name).connect("test") as connection:
        neutral(connection)
        return roles_of_database(connection)


def existing(server: ScratchServer) -> dict[str, RoleFacts]:
    with server.endpoint().connect("test") as connection:
        neutral(connection)
        return named(roles_there(connection))


def test_memberships_lose_their_grantor_and_tablespaces_their_place() -> None:
    text = (
        "CREATE ROLE app;\n"
        "GRANT pg_monitor TO app WITH INHERIT TRUE GRANTED BY postgres;\n"
        'GRANT "odd; role" TO app GRANTED BY "who ""did"" it";\n'
        "\n--\n-- Tablespaces\n--\nCREATE TABLESPACE fast LOCATION '/ssd';\n"
    )
    assert for_scratch(text) == 'CREATE ROLE app;\nGRANT pg_monitor TO app WITH INHERIT TRUE;\nGRANT "odd; role" TO app;\n'


def test_every_role_that_a_database_depends_on_is_found_and_no_other(server: ScratchServer) -> None:
    run(
        server, "postgres",
        "create role app createdb noinherit connection limit 5 valid until '2030-01-02 03:04:05.5+02'",
        "create role agents", "create role datadog", "grant agents to datadog", "grant pg_monitor to agents with admin option",
        "create role alice login replication", "grant app to alice", "create role bystander",
        "alter role alice set search_path = a, b",
        "comment on role app is 'the application'",
    )  # fmt: skip
    with database(server, "shop", "create extension pg_stat_statements") if has_statements(server) else database(server, "shop"):
        run(server, "shop", "grant select on pg_catalog.pg_stat_activity to datadog", "create table public.t (a int)")
        run(server, "shop", "alter table public.t owner to app")
        if has_statements(server):
            run(server, "shop", "grant select on pg_stat_statements to datadog")
            run(server, "shop", "revoke select on pg_catalog.pg_stat_activity from datadog")
        found = named(facts_of(server, "shop"))
        assert {name: each.why for name, each in found.items()} == {
            "app": "named", "datadog": "named", "agents": "above", "alice": "member", "postgres": "named",
        }  # fmt: skip
        app = found["app"]
        assert (app.createdb, app.inherit, app.login, app.connection_limit) == (True, False, False, 5)
        assert (app.valid_until, app.comment) == ("2030-01-02 01:04:05.5+00", "the application")
        assert found["alice"].settings == ("search_path=a, b",)
        assert [each.role for each in found["alice"].memberships] == ["app"]
        assert [(each.role, each.admin) for each in found["agents"].memberships] == [("pg_monitor", True)]
        again = tuple(RoleFacts.from_json(json.loads(json.dumps(each.to_json()))) for each in found.values())
        assert again == tuple(found.values())
        assert "password" not in json.dumps([each.to_json() for each in again])


def has_statements(server: ScratchServer) -> bool:
    return bool(run(server, "postgres", "select 1 from pg_available_extensions where name = 'pg_stat_statements'"))


WANTED = (
    RoleFacts(name="agents", why="above", memberships=(Membership("pg_monitor", admin=False),)),
    RoleFacts(
        name="app", createdb=True, login=True, connection_limit=3, comment="mine",
        settings=('search_path="A b", c', "work_mem=7MB"),
        valid_until="infinity", memberships=(Membership("agents", admin=True, inherit=False, set=True), Membership("nowhere")),
    ),
    RoleFacts(name="alice", why="member", login=True, memberships=(Membership("app"),)),
)  # fmt: skip


def test_a_plan_names_what_is_missing_and_changes_nothing(server: ScratchServer) -> None:
    run(server, "postgres", "create role alice nologin")
    before = existing(server)
    with server.endpoint().connect("test") as admin:
        plan = plan_roles(admin, WANTED, Mode.CREATE)
    assert plan.missing == (
        'role "agents" (no attributes)',
        'membership of "agents" in "pg_monitor"',
        'role "app" (createdb, login, connection limit 3, valid until infinity)',
        'membership of "app" in "agents"',
        'membership of "app" in "nowhere"',
        'setting search_path="A b", c of role "app"',
        'setting work_mem=7MB of role "app"',
        'membership of "alice" in "app"',
    )
    assert plan.different == ('role "alice" is left as it is: login is off there, on in the backup',)
    assert plan.cannot == ()
    assert [each.name for each in plan.create] == ["agents", "app"]
    assert existing(server) == before


@pytest.mark.parametrize("logins", [False, True])
def test_roles_are_made_with_attributes_memberships_and_settings(server: ScratchServer, *, logins: bool) -> None:
    run(server, "postgres", "create role alice nologin")
    with server.endpoint().connect("test") as admin:
        neutral(admin)
        done = apply_roles(admin, plan_roles(admin, WANTED, Mode.CREATE, logins=logins))
        left = lacking(admin, WANTED)
        assert (done.created, done.left) == (("agents", "app"), ())
        assert apply_roles(admin, plan_roles(admin, WANTED, Mode.CREATE, logins=logins)).created == ()
    assert left[:2] == ('membership of "app" in "nowhere"', 'membership of "alice" in "app"')
    assert sum("login is off" in line for line in left) == (1 if logins else 2)
    found = existing(server)
    app = found["app"]
    assert (app.login, app.createdb, app.connection_limit, app.comment, app.valid_until) == (logins, True, 3, "mine", "infinity")
    assert app.settings == WANTED[1].settings
    options = (False, True) if (server.major or 0) >= 16 else (None, None)
    assert app.memberships == (Membership("agents", True, *options),)  # noqa: FBT003 - the admin option
    assert [each.role for each in found["agents"].memberships] == ["pg_monitor"]
    assert found["alice"].memberships == ()
    assert found["alice"].login is False
    assert run(server, "postgres", "select rolpassword from pg_authid where rolname = 'app'") == [(None,)]


def test_skip_makes_bare_roles_and_map_none(server: ScratchServer) -> None:
    with server.endpoint().connect("test") as admin:
        neutral(admin)
        with pytest.raises(BrokenError, match="not mapped: app"):
            plan_roles(admin, WANTED, Mode.MAP)
        assert plan_roles(admin, WANTED, Mode.MAP, mapped={"app": "postgres"}).create == ()
        assert apply_roles(admin, plan_roles(admin, WANTED, Mode.SKIP)).created == ("app",)
    app = existing(server)["app"]
    assert (app.createdb, app.login, app.memberships, app.settings) == (False, False, (), ())


@pytest.fixture
def dba(server: ScratchServer) -> Destination:
    """A database as an administrator reaches it who has CREATEDB and CREATEROLE, as managed services give it."""
    run(server, "postgres", "create role dba login createdb createrole")
    return as_login(server, "dba", "copy")


def test_an_administrator_without_superuser_is_told_what_he_cannot_give(dba: Destination, server: ScratchServer) -> None:
    mighty = RoleFacts(
        name="mightier",
        superuser=True,
        replication=True,
        bypassrls=True,
        createdb=True,
        createrole=True,
        settings=("log_statement=all", "work_mem=5MB"),
    )
    with dba.admin() as admin:
        plan = plan_roles(admin, [mighty], Mode.CREATE)
        assert plan.cannot == (
            'dba may not give superuser to role "mightier"',
            'dba may not give replication to role "mightier"',
            'dba may not give bypassrls to role "mightier"',
            'dba may not set log_statement for role "mightier"',
        )
        assert apply_roles(admin, plan).left == ()
    made = existing(server)["mightier"]
    assert (made.superuser, made.createdb, made.createrole, made.settings) == (False, True, True, ("work_mem=5MB",))


def test_nobody_who_may_not_create_roles_gets_further_than_the_plan(server: ScratchServer) -> None:
    run(server, "postgres", "create role bystander login createdb")
    into = Destination(login(server, "bystander", "postgres"), "copy")
    with into.admin() as admin, pytest.raises(BrokenError, match="bystander may not create them: app"):
        plan_roles(admin, WANTED, Mode.CREATE)


SHOP = (
    "create schema stock",
    "alter schema stock owner to app",
    "create table stock.items (id int primary key)",
    "alter table stock.items owner to agents",
    "create table public.t (a int)",
    "alter table public.t owner to app",
    "create function public.f() returns int language sql as 'select 1'",
    "alter function public.f() owner to agents",
    "create type public.e as enum ('a')",
    "alter type public.e owner to app",
    "grant select on public.t to datadog",
    "alter default privileges for role app in schema stock grant select on tables to datadog",
    "create publication p for table public.t",
    "alter publication p owner to app",
    "select lo_create(77)",
    "alter large object 77 owner to app",
)


def test_an_administrator_without_superuser_restores(dba: Destination, server: ScratchServer) -> None:
    run(
        server,
        "postgres",
        "create role app",
        "create role agents",
        "create role datadog",
        "create role alice login",
        "grant app to alice",
    )
    with database(server, "shop", "grant create on schema public to app, agents", *SHOP):
        name = '"shop"'
        run(
            server, "shop", f"alter database {name} owner to app", f"revoke all on database {name} from public",
            f"grant connect on database {name} to datadog", f"alter database {name} set work_mem = '6MB'",
            f"alter role app in database {name} set search_path = stock", f"alter database {name} connection limit 9",
            f"comment on database {name} is 'ours'",
        )  # fmt: skip
        manifest = manifest_of(server, "shop")
        facts = facts_of(server, "shop")
    roles(server, "alice", "app", "agents", "datadog")
    before = memberships(server)
    wanted = [each for each in facts if each.name != "postgres"]
    with dba.admin() as admin:
        applied = apply_roles(admin, plan_roles(admin, wanted, Mode.CREATE, logins=True))
    assert (set(applied.created), applied.left) == ({"app", "agents", "datadog", "alice"}, ())
    own = memberships(server)
    with dba.acting_as(["app", "agents", "datadog", "postgres"]) as refused:
        assert refused == ("postgres",)
        make(dba, manifest, *SHOP, "grant create on schema public to app, agents")
        assert dba.finish(manifest, {}, no_owner=False) == ()
        with dba.session() as connection:
            found = catalogue.database_facts(connection)
            entries = {(each.kind, each.key): each for each in catalogue.entries(connection)}
    assert replace(dba, attempt="next").look(manifest).endswith("it is dropped and made again")
    dba.mark_whole(manifest)
    dba.unmark(manifest)
    last = run(
        server, "copy", "select datconnlimit, shobj_description(oid, 'pg_database') from pg_database where datname = 'copy'"
    )
    assert last == [(9, "ours")]
    found |= {"name": "shop", "connection_limit": 9, "comment": "ours"}
    assert found == dict(manifest.database)
    for each in manifest.entries:
        if each.kind in {"table", "schema", "function", "type", "database", "large objects", "default privileges"}:
            have = entries[each.kind, each.key]
            assert (have.owner, have.grants) == (each.owner.replace("postgres", "dba"), each.grants)
    assert memberships(server) == own
    assert {row for row in own if row[1] == "dba"} - before == (
        {(name, "dba", True) for name in applied.created} if (server.major or 0) >= 16 else set()
    )
    assert not run(server, "postgres", "select 1 from pg_roles where rolname like 'upkeep_lent%'")


def memberships(server: ScratchServer) -> set[tuple[str, str, bool]]:
    rows = run(server, "postgres", "select roleid::regrole::text, member::regrole::text, admin_option from pg_auth_members")
    return {(role, member, admin) for role, member, admin in rows}


def test_what_a_killed_restore_was_lent_is_taken_back_by_the_next_one(dba: Destination, server: ScratchServer) -> None:
    run(server, "postgres", "create role group", 'grant "group" to dba') if False else None
    with dba.admin() as admin:
        admin.execute("create role app")
        admin.execute("create role upkeep_lent_killed")
        new = (server.major or 0) >= 16
        admin.execute("grant upkeep_lent_killed to dba" + (" with inherit true, set true" if new else ""))
        admin.execute("grant app to upkeep_lent_killed")
    living = replace(dba, attempt="living")
    other = replace(dba, attempt="other")
    with living.acting_as(["app"]):
        with other.acting_as(["app"]):
            rows = run(server, "postgres", "select rolname from pg_roles where rolname like 'upkeep_lent%' order by 1")
            assert rows == [("upkeep_lent_living",), ("upkeep_lent_other",)]
        with living.admin() as admin:
            admin.execute("set role app")
    assert not run(server, "postgres", "select 1 from pg_roles where rolname like 'upkeep_lent%'")


def test_what_was_given_away_is_still_made_again_by_the_next_try(dba: Destination, server: ScratchServer) -> None:
    with database(server, "shop", "create table public.t (a int)", "insert into public.t values (1), (2)"):
        manifest = manifest_of(server, "shop")
    with dba.admin() as admin:
        admin.execute("create role app")
    with dba.acting_as(["app"]):
        make(
            dba,
            manifest,
            "grant create on schema public to app",
            "create table public.t (a int)",
            "alter table public.t owner to app",
        )
    again = replace(dba, attempt="again")
    assert again.check(manifest)[1] is False
    with dba.acting_as(["app"]):
        make(
            dba,
            manifest,
            "grant create on schema public to app",
            "create table public.t (a int)",
            "alter table public.t owner to app",
        )
    assert len(run(server, "postgres", "select 1 from pg_roles where rolname like 'upkeep_lent%'")) == 1  # the second try's
    run(server, "copy", "insert into public.t values (1), (2), (3)")
    with pytest.raises(BrokenError, match="more than the 2 rows"):
        again.check(manifest)
    assert run(server, "copy", "select count(*) from public.t") == [(3,)]


def test_an_extension_that_he_may_not_create_is_named_before_any_data(dba: Destination, server: ScratchServer) -> None:
    if not has_statements(server):
        pytest.skip("this build has no contrib extensions")
    with database(server, "shop", "create extension citext", "create schema x", "create extension file_fdw schema x"):
        manifest = manifest_of(server, "shop")
    assert dba.beyond(manifest) == ("extension file_fdw is not trusted: a superuser must create it",)
    with pytest.raises(BrokenError, match="does not let this login create the extensions file_fdw"):
        make(dba, manifest)
    trusted = replace(manifest, entries=tuple(each for each in manifest.entries if "file_fdw" not in each.key))
    assert dba.check(trusted)[1] is False
    make(dba, trusted)
    with Destination(server.endpoint(), "copy").admin() as admin:
        assert dba.server.user == "dba"
        assert Destination(server.endpoint(), "copy").beyond(manifest) == ()
        assert admin.info.user == "postgres"


def test_what_a_role_had_goes_to_another_with_default_privileges_and_mappings(server: ScratchServer) -> None:
    run(server, "postgres", "create role app", "create role heir", "create role alice")
    statements = (
        "create table public.t (a int, b int)",
        "alter table public.t owner to app",
        "grant select (a) on public.t to app",
        "create policy p on public.t to app, alice",
        "alter default privileges for role app revoke execute on functions from public",
        "alter default privileges for role app in schema public grant select on tables to alice with grant option",
        "alter default privileges for role alice grant update on tables to app",
        "create foreign data wrapper w",
        "create server s foreign data wrapper w",
        "create user mapping for app server s options (\"user\" 'it''s')",
    )
    with database(server, "shop", *statements):
        what = (
            "select defaclrole::regrole::text, defaclnamespace, defaclobjtype::text, defaclacl::text from pg_default_acl"
            " union all select usename, 0, srvname, umoptions::text from pg_user_mappings order by 1, 2, 3"
        )
        meant = [tuple(str(each).replace("app", "heir") for each in row) for row in run(server, "shop", what)]
        with Destination(server.endpoint(), "shop").session() as connection:
            hand_over(connection, "app", "heir")
        found = [tuple(map(str, row)) for row in run(server, "shop", what)]
        assert sorted(found) == sorted(meant)
        assert run(server, "shop", "select 1 from pg_roles where rolname = 'app'") == []
        assert run(server, "shop", "select relowner::regrole::text from pg_class where relname = 't'") == [("heir",)]
