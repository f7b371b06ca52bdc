"""How a server lets the two in, who may alter them and who uses them: what would break is refused before anything is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, fresh_database
from tests.rotation.world import FIRST, GRACE, World, users, world
from upkeep.errors import CannotAskError, UpkeepError
from upkeep.rotation.kinds.postgres_login import userlist
from upkeep.rotation.kinds.postgres_users import PostgresUsers, PostgresUsersKind
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Stage
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import ScratchServer, free_port


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """Two users, and a secret in a file."""
    with world(lab, tmp_path, "postgres_users", "text file") as made:
        yield made


@contextmanager
def lines_of_hba(lab: Lab, *lines: str) -> Iterator[None]:
    """Lines before all others."""
    path = Path(lab.value("show hba_file"))
    before = path.read_text()
    try:
        path.write_text("\n".join([*lines, before]))
        lab.run("select pg_reload_conf(), pg_sleep(0.5)")
        yield
    finally:
        path.write_text(before)
        lab.run("select pg_reload_conf(), pg_sleep(0.5)")


def refused(shop: World, text: str, service: Any = None) -> str:
    """The way out of a rotation that is refused with nothing done."""
    rotator = shop.rotator(applied=False)
    with pytest.raises(CannotAskError, match=text) as raised:
        replace(rotator, service=service or rotator.service).advance("by hand")
    assert shop.store.read(Stage.PENDING) is None
    assert shop.current == shop.first
    return raised.value.remedy


def as_admin(shop: World, **changes: Any) -> PostgresUsers:
    """The service by another login or database."""
    service = shop.service
    assert isinstance(service, PostgresUsers)
    return replace(service, admin=replace(service.admin, **changes))


@pytest.mark.fault
@pytest.mark.parametrize("method", ["reject", "trust", "ident"])
def test_a_line_of_pg_hba_that_names_the_other_user(shop: World, lab: Lab, method: str) -> None:
    with lines_of_hba(lab, f'host all "{users(lab)[1]}" all {method}'):
        remedy = refused(shop, f"does not ask {users(lab)[1]} for its password, or keeps it out")
    assert "pg_hba.conf and pg_ident.conf" in remedy
    assert users(lab)[0] in remedy


@pytest.mark.near_miss
@pytest.mark.parametrize("method", ["scram-sha-256", "md5"])
def test_a_line_by_name_that_asks_for_a_password(shop: World, lab: Lab, method: str) -> None:
    with lines_of_hba(lab, f'host all "{users(lab)[1]}" all {method}'):
        assert shop.rotator().advance("by hand").rotated
        assert not shop.failed


@pytest.mark.fault
def test_a_line_that_lets_the_first_user_in_alone(shop: World, lab: Lab) -> None:
    first, _ = users(lab)
    with lines_of_hba(
        lab, f'host all "{first}" all scram-sha-256', "host all postgres all scram-sha-256", "host all all all reject"
    ):
        refused(shop, "keeps it out")


@pytest.mark.fault
def test_a_user_whose_password_is_md5_still(shop: World, lab: Lab) -> None:
    lab.run(f"set password_encryption = 'md5'; alter role \"{users(lab)[0]}\" password '{FIRST}'")
    with lines_of_hba(lab, "host all all all md5"):
        remedy = refused(shop, "has an md5 password, whose drivers may know no SCRAM")
    assert f"\\password {users(lab)[0]}" in remedy


@pytest.mark.fault
def test_a_login_that_may_not_alter_the_two(shop: World, lab: Lab) -> None:
    lab.run(f'create role "{lab.database}_weak" login')
    service = as_admin(shop, user=f"{lab.database}_weak", password=lab.login(f"{lab.database}_weak").password)
    remedy = refused(shop, f"{lab.database}_weak may not alter", service)
    assert "with admin option" in remedy
    lab.run(f'drop role "{lab.database}_weak"')


@pytest.mark.fault
def test_a_login_that_is_one_of_the_two(shop: World, lab: Lab) -> None:
    lab.run(f'alter role "{users(lab)[0]}" createrole; alter role "{users(lab)[1]}" createrole')
    refused(shop, "would be locked out with its old password", as_admin(shop, user=users(lab)[0], password=FIRST))


@pytest.mark.fault
def test_a_standby_is_told(shop: World) -> None:
    service = as_admin(shop, options={"options": "-c default_transaction_read_only=on"})
    assert "primary" in refused(shop, "it is a standby", service)


@pytest.mark.fault
def test_rights_are_compared_where_the_application_works(shop: World, lab: Lab) -> None:
    """The login that alters goes into another database, where the same objects are named with whatever right."""
    first, second = users(lab)
    lab.run(f'grant select on orders to "{first}"; grant insert on orders to "{second}"')
    refused(shop, f"{second} lacks right relation orders SELECT", as_admin(shop, database="postgres"))
    lab.run(f'grant select, insert on orders to "{first}", "{second}"')
    rotator = shop.rotator()
    assert replace(rotator, service=as_admin(shop, database="postgres")).advance("by hand").rotated


@pytest.mark.fault
def test_another_application_that_works_as_the_other_user(shop: World, lab: Lab) -> None:
    second = users(lab)[1]
    lab.run(f"alter role \"{second}\" login password 'somebody-else-has-it'")
    with replace(lab.endpoint, user=second, password="somebody-else-has-it").connect("reports"):
        assert second in refused(shop, f"{second} is used by reports from")
    assert shop.rotator().advance("by hand").rotated, "one that nobody uses may get a password"


MAPPED = """
    create foreign data wrapper w; create server s foreign data wrapper w;
    create user mapping for postgres server s options (user '{a}', password 'copied')
"""
POLICY = "alter table orders enable row level security; create policy own on orders for select {to} using ({text})"


@pytest.mark.fault
@pytest.mark.parametrize("named", [0, 1])
def test_a_mapping_of_a_foreign_server_that_logs_in_as_one_of_them(shop: World, lab: Lab, named: int) -> None:
    lab.run(MAPPED.format(a=users(lab)[named]))
    assert "login of its own" in refused(shop, f"logs in as {users(lab)[named]}, with a copy of its password: s, of postgres")


@pytest.mark.fault
@pytest.mark.parametrize("text", ["current_user = 'x'", "id::text = session_user", "'{a}' = current_role", "user = 'x'"])
def test_row_security_that_asks_for_the_users_name(shop: World, lab: Lab, text: str) -> None:
    lab.run(POLICY.format(to="", text=text.format(a=users(lab)[0])))
    assert "set role" in refused(shop, "row security shows .* rows by its name: policy own of orders")


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("to", "text"),
    [("", "id > 0"), ("", "'USER' = 'x'"), ("to pg_monitor", "current_user = 'x'")],
    ids=["no name", "a word", "of others"],
)
def test_row_security_that_shows_both_the_same(shop: World, lab: Lab, to: str, text: str) -> None:
    lab.run(POLICY.format(to=to, text=text))
    assert shop.rotator().advance("by hand").rotated


@pytest.mark.near_miss
def test_row_security_by_the_role_that_both_become(shop: World, lab: Lab) -> None:
    lab.run(POLICY.format(to="", text="current_user = 'x'"))
    for user in users(lab):
        lab.run(f'alter role "{user}" set role = "{lab.database}_owner"')
    assert shop.rotator().advance("by hand").rotated


@pytest.mark.parametrize("port", ["5432,5433", "hunter2", "0", "70000", "-1"])
def test_a_port_that_is_none_is_told_and_not_shown(shop: World, tmp_path: Path, port: str) -> None:
    shop.first = shop.first.replaced(port=port)
    (tmp_path / "shop.secret").write_text(shop.first.text)
    refused(shop, '"port" is no port')
    with pytest.raises(CannotAskError) as raised:
        shop.rotator(applied=False).advance("by hand")
    assert port not in str(raised.value) + raised.value.remedy.replace("65535", "") or port in "01"


@pytest.mark.parametrize(
    "first", ["a\u00a0b-pass", "e\u0301t\u00e9-\u00ad-pass", "p\u00e4ss \u2460 \U0001f600", "a'b\"c\\d %s {x}"]
)
def test_a_first_password_of_any_letters_and_back(shop: World, lab: Lab, tmp_path: Path, first: str) -> None:
    """What is generated is ASCII; what was there before may be anything, and comes back by a rollback."""
    with lab.session().cursor() as cursor:
        from psycopg import sql

        cursor.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(users(lab)[0]), sql.Literal(first)))
    shop.first = shop.first.replaced(password=first)
    (tmp_path / "shop.secret").write_text(shop.first.text)
    shop.cached.clear()
    assert shop.rotator().advance("by hand").rotated
    assert shop.current.get("password").isascii()
    assert shop.rotator().roll_back().rotated
    assert shop.current == shop.first
    assert not shop.failed


@pytest.mark.parametrize("names", [('O\'Brien "x"', "%s {0} \\"), ("Ümläut A", "Ümläut B"), ("a-b.c@d", "SELECT")])
def test_users_of_any_name(shop: World, lab: Lab, tmp_path: Path, names: tuple[str, str]) -> None:
    from psycopg import sql

    session = lab.session()
    for name, more in zip(names, ("login password 'first'", "nologin"), strict=True):
        session.execute(sql.SQL("create role {} " + more).format(sql.Identifier(name)))
    try:
        kind = PostgresUsersKind(kind="postgres_users", connection="admin", users=names)
        shop.first = shop.first.replaced(username=names[0], password="first")
        (tmp_path / "shop.secret").write_text(shop.first.text)
        service = PostgresUsers(kind, lab.endpoint)
        for old, new in (names, names[::-1]):
            assert replace(shop.rotator(applied=False), service=service).advance("by hand").identity == new
            printed = lab.value(userlist(new).partition(": ")[2].partition(";")[0])
            assert printed.startswith('"' + new.replace('"', '""') + '" "SCRAM-SHA-256$')
            shop.pass_time(GRACE + timedelta(minutes=1))
            assert replace(shop.rotator(applied=False), service=service).advance().ended == old
    finally:
        for name in names:
            session.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


@pytest.mark.slow
def test_another_server_with_the_same_users_is_no_proof(shop: World, lab: Lab, tmp_path: Path) -> None:
    """Whoever may write the secret must not lead the application, and its next password, to a server of theirs."""
    with other_server(tmp_path / "other") as server:
        there = Endpoint(server.endpoint().host, server.port)
        with server.endpoint().connect("plant") as admin:
            admin.execute(f"create role \"{users(lab)[1]}\" login password 'next'".encode())
            admin.execute(f'create database "{lab.database}"'.encode())
        pending = shop.service.propose(shop.first).replaced(host=there.host, port=str(there.port), password="next")
        shop.service.install(pending)
        with pytest.raises(CannotAskError, match="is another server than"):
            shop.service.prove(pending, shop.first)


@pytest.mark.slow
def test_what_was_prepared_in_two_phases_keeps_its_user_alive(tmp_path: Path) -> None:
    """Nobody but the user who prepared it, and superusers, can end it."""
    with (
        other_server(tmp_path / "server", max_prepared_transactions="5") as server,
        fresh_database(server, "two_phases") as lab,
        world(lab, tmp_path, "postgres_users", "text file") as shop,
    ):
        place = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
        with place.connect("shop") as session:
            session.execute("begin; select 1; prepare transaction 'order 7'")
        shop.rotator().advance("by hand")
        shop.pass_time(GRACE + timedelta(minutes=1))
        uses = [use.who for use in shop.rotator().advance().uses]
        assert uses == [f"a prepared transaction in {lab.database}, order 7"]
        lab.run("rollback prepared 'order 7'")
        assert shop.rotator().advance().ended == users(lab)[0]


@contextmanager
def other_server(folder: Path, **more: str) -> Iterator[ScratchServer]:
    """Another one."""
    folder.parent.chmod(0o755)
    server = ScratchServer(folder, free_port(), settings={"fsync": "off", **more})
    try:
        server.start()
        yield server
    finally:
        server.remove()


def test_a_value_that_lacks_a_field_is_told_without_what_it_has(shop: World, tmp_path: Path) -> None:
    (tmp_path / "shop.secret").write_text(SecretValue({"user": "x", "password": FIRST}).text)
    with pytest.raises(UpkeepError, match='has no text "username"') as raised:
        shop.rotator(applied=False).advance("by hand")
    assert FIRST not in str(raised.value)
