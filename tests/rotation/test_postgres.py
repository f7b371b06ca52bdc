"""Two users of one application: alike or refused by name, and no password in any log."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, needs_version
from tests.rotation.world import FIRST, World, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.rotate import Rotator
from upkeep.rotation.stages import Stage


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """Two users, and a secret in a file."""
    with world(lab, tmp_path, "postgres_users", "text file") as made:
        yield made


DIFFERENCES = {
    "attribute": "alter role {a} connection limit 5",
    "valid until": "alter role {a} valid until '2100-01-01'",
    "setting": "alter role {a} set statement_timeout = '5s'",
    "setting of a database": "alter role {a} in database {db} set work_mem = '5MB'",
    "membership": "grant pg_read_all_data to {a}",
    "its option": "grant {owner} to {a} with admin option",
    "a member of it": "grant {a} to postgres",
    "table": "grant select on orders to {a}",
    "column": "grant update (id) on orders to {a}",
    "grant option": "grant select on orders to {a} with grant option; grant select on orders to {b}",
    "schema": "create schema s; grant usage on schema s to {a}",
    "function": "create function f() returns int language sql as 'select 1'; grant execute on function f to {a}",
    "type": "create type t as enum ('x'); grant usage on type t to {a}",
    "language": "grant usage on language plpgsql to {a}",
    "database": "grant temporary on database {db} to {a}",
    "parameter": "grant set on parameter log_statement to {a}",
    "large object": "select lo_create(4711); grant select on large object 4711 to {a}",
    "default privileges": "alter default privileges for role {owner} grant select on tables to {a}",
    "policy": "create policy p on orders to {a} using (true)",
    "foreign data wrapper": "create foreign data wrapper w; grant usage on foreign data wrapper w to {a}",
    "user mapping": "create foreign data wrapper w; create server s foreign data wrapper w; create user mapping for {a} server s",
}


def names(lab: Lab) -> dict[str, str]:
    """Quoted."""
    first, second = users(lab)
    return {"a": f'"{first}"', "b": f'"{second}"', "owner": f'"{lab.database}_owner"', "db": f'"{lab.database}"'}


@pytest.mark.parametrize("difference", DIFFERENCES)
@pytest.mark.parametrize("working", [True, False])
def test_whatever_only_one_of_the_two_may_do_is_named_before_anything_is_done(
    shop: World, lab: Lab, difference: str, *, working: bool
) -> None:
    own = names(lab)
    if not working:
        own |= {"a": own["b"], "b": own["a"]}
    lab.run(DIFFERENCES[difference].format(**own))
    with pytest.raises(CannotAskError, match="are not alike") as raised:
        shop.rotator().advance("by hand")
    first, second = users(lab)
    assert (f"{second} lacks" if working else f"{second} alone has") in str(raised.value)
    assert first in raised.value.remedy
    assert shop.store.read(Stage.PENDING) is None
    assert not shop.failed


@pytest.mark.parametrize(
    ("harm", "text", "remedy"),
    [
        ("alter table orders owner to {a}", "owns objects", "reassign owned by"),
        ("grant create on schema public to {a}, {b}", "may create in public", "set role"),
        ("alter role {a} replication; alter role {b} replication", "serves replication", "by hand"),
        ("drop role {b}", "there is no role", "create role"),
        ("alter role {a} connection limit 0; alter role {b} connection limit 0", "connection limit of 0", "connection limit …"),
        ("alter role {a} valid until '2001-01-01'", "was valid until 2001-01-01", "valid until 'infinity'"),
        ("alter role {b} valid until '2001-01-01'", "was valid until 2001-01-01", "valid until 'infinity'"),
        (
            "alter system set password_encryption = 'md5'; select pg_reload_conf(), pg_sleep(0.5)",
            "makes md5 passwords",
            "scram-sha-256",
        ),
    ],
)
def test_what_rotating_would_break_is_refused_by_name(shop: World, lab: Lab, harm: str, text: str, remedy: str) -> None:
    try:
        for statement in harm.format(**names(lab)).split(";"):
            lab.run(statement)
        with pytest.raises(CannotAskError, match=text) as raised:
            shop.rotator().advance("by hand")
        assert remedy in raised.value.remedy
        assert shop.store.read(Stage.PENDING) is None
    finally:
        lab.run("alter system reset password_encryption")
        lab.run("select pg_reload_conf(), pg_sleep(0.5)")
        lab.run("drop table orders")


@pytest.mark.near_miss
def test_users_that_create_as_their_owner_may_create(shop: World, lab: Lab) -> None:
    own = names(lab)
    lab.run(f"grant create on schema public to {own['owner']}")
    for user in (own["a"], own["b"]):
        lab.run(f"alter role {user} set role = {own['owner']}")
    assert shop.rotator().advance("by hand").rotated
    place = replace(lab.endpoint, user=shop.current.fields["username"], password=shop.current.fields["password"])
    with place.connect("shop") as session:
        session.execute("create table made (id int)")
    owner = lab.value("select tableowner from pg_tables where tablename = 'made'")
    lab.run("drop table made")
    assert owner == f"{lab.database}_owner"
    assert not shop.failed


@pytest.mark.near_miss
def test_a_role_that_several_have_granted_counts_by_what_all_of_them_give(shop: World, lab: Lab) -> None:
    needs_version(lab, 16, "grants by several, each with options")
    own, granter = names(lab), f'"{lab.database}_granter"'
    lab.run(f"create role {granter}; grant {own['owner']} to {granter} with admin option")
    try:
        lab.run(f"set role {granter}; grant {own['owner']} to {own['a']} with inherit false, set false")
        assert shop.rotator().advance("by hand").rotated
        lab.run(f"set role {granter}; grant {own['owner']} to {own['a']} with admin option")
        with pytest.raises(CannotAskError, match="are not alike"):
            shop.service.check(shop.current)
    finally:
        lab.run(f"drop owned by {granter} cascade; drop role {granter}")
    assert not shop.failed


def test_another_server_than_the_one_that_was_told_is_noticed(shop: World, lab: Lab) -> None:
    pending = shop.service.propose(shop.current).replaced(port=str(lab.endpoint.port), host="localhost")
    shop.service.install(pending)
    shop.service.prove(pending, shop.current)
    away = pending.replaced(port="1")
    with pytest.raises(BrokenError):
        shop.service.prove(away, shop.current)


def test_no_password_is_in_a_log_a_row_an_argument_or_an_error(shop: World, lab: Lab) -> None:
    for name, value in {"log_statement": "all", "log_min_duration_statement": "0", "log_min_error_statement": "debug5"}.items():
        lab.run(f"alter system set {name} = '{value}'")
    lab.run("select pg_reload_conf(), pg_sleep(0.5)")
    try:
        shop.rotator().advance("by hand")
        password = shop.current.fields["password"]
        with pytest.raises(Exception, match="nobody"):
            replace(shop.rotator(), service=_unproven(shop)).roll_back()
        activity = lab.value("select string_agg(query, ' ') from pg_stat_activity")
        log = "".join(path.read_text(errors="replace") for path in _logs(lab))
    finally:
        for name in ("log_statement", "log_min_duration_statement", "log_min_error_statement"):
            lab.run(f"alter system reset {name}")
        lab.run("select pg_reload_conf()")
    assert re.search(r"alter role \S+ login password 'SCRAM-SHA-256\$", log), "the log was read"
    rows = "".join(map(repr, shop.log.rows.values()))
    for secret in (password, FIRST):
        assert secret not in log + str(activity) + rows + repr(shop.current)


class _Unproven:
    """A service whose proof fails."""

    def __init__(self, shop: World) -> None:
        self._service = shop.service

    def __getattr__(self, name: str) -> object:
        """As the real one, but for the proof."""
        return getattr(self._service, name)

    def prove(self, *_: object) -> None:
        """It fails."""
        raise CannotAskError("nobody may log in")


def _unproven(shop: World) -> Any:
    return _Unproven(shop)


def _logs(lab: Lab) -> list[Path]:
    found = [path for path in lab.server.folder.rglob("*.log") if path.is_file()] + list(lab.server.folder.rglob("log/*"))
    return [path for path in dict.fromkeys(found) if path.is_file()]


@pytest.mark.slow
def test_on_every_version_the_two_stay_alike(every_lab: Lab, tmp_path: Path) -> None:
    needs_version(every_lab, 15, "parameters with rights")
    with world(every_lab, tmp_path, "postgres_users", "text file") as made:
        rotator: Rotator = made.rotator()
        assert rotator.advance("by hand").rotated
        iterations = every_lab.value(
            f"select split_part(split_part(rolpassword, '$', 2), ':', 1) from pg_authid where rolname = '{users(every_lab)[1]}'"
        )
        assert iterations == "4096"
        assert not made.failed


@pytest.mark.slow
def test_a_login_that_may_alter_the_two_and_nothing_else_is_enough(every_lab: Lab, tmp_path: Path) -> None:
    lab, admin = every_lab, f"{every_lab.database}_rotation"
    with world(lab, tmp_path, "postgres_users", "text file") as made:
        first, second = users(lab)
        for statement in (
            f'drop role if exists "{admin}"',
            f'create role "{admin}" login createrole',
            f'grant "{first}", "{second}" to "{admin}" with admin option',
        ):
            lab.run(statement)
        service = replace(made.service, admin=lab.login(admin))  # type: ignore[type-var]
        rotator = replace(made.rotator(), service=service)
        assert rotator.advance("by hand").rotated
        place = replace(lab.endpoint, user=first, password=FIRST)
        with place.connect("reports"):
            made.pass_time(timedelta(days=2))
            assert [use.who.partition(" from ")[0] for use in replace(rotator, log=made.log).advance().uses] == ["reports"]
        assert replace(rotator, log=made.log).advance().ended == first
        assert not made.failed
        lab.run(f'drop role "{admin}"')
