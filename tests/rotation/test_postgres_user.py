"""One user whose password is replaced while it works: applications that are refused try the pending value."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.lab import Lab
from tests.replica import standby_of, wait_until
from tests.rotation.test_postgres_doors import MAPPED, lines_of_hba, refused
from tests.rotation.world import FIRST, GRACE, KilledError, World, roll_back, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.kinds.postgres_user import PostgresUser, PostgresUserKind
from upkeep.rotation.rotation import State
from upkeep.rotation.secret_value import SecretValue, fingerprint, new_password
from upkeep.rotation.service import RefusedError
from upkeep.rotation.stages import Stage


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """A user that owns a table, and a secret in a file."""
    with world(lab, tmp_path, "postgres_user", "text file") as made:
        yield made


def service_of(shop: World) -> PostgresUser:
    """The service, not watched."""
    service = shop.service
    assert isinstance(service, PostgresUser)
    return service


def half_way(shop: World) -> SecretValue:
    """A rotation that was killed once the server refuses what applications have; its pending value."""
    with pytest.raises(KilledError):
        shop.rotator("service.install", "SIGKILL after").advance("by hand")
    pending = shop.store.read(Stage.PENDING)
    assert pending
    return pending.value


def works(shop: World, value: SecretValue) -> bool:
    """Whether a login with it is let in."""
    return not shop.scene.refused(value)


@pytest.mark.baseline
def test_the_old_password_is_dead_once_the_new_one_is_current_and_what_it_owns_stays(shop: World, lab: Lab) -> None:
    assert shop.rotator().advance("by hand").rotated
    assert shop.current.get("username") == shop.first.get("username")
    assert works(shop, shop.current)
    assert not works(shop, shop.first)
    assert lab.value("select tableowner from pg_tables where tablename = 'orders'") == users(lab)[0]
    assert not shop.failed


@pytest.mark.fault
def test_an_application_that_does_not_try_the_pending_value_would_be_locked_out(shop: World) -> None:
    """Which is why the inventory must say that each does."""
    half_way(shop)
    assert shop.scene.refused(shop.current)
    assert not shop.failed, "one that tries it gets in"


def test_the_inventory_must_say_how_applications_behave() -> None:
    opens = {"kind": "postgres_user", "connection": "admin", "user": "shop"}
    with pytest.raises(ValidationError, match="when_refused"):
        PostgresUserKind.model_validate(opens)
    with pytest.raises(ValidationError, match="try_pending"):
        PostgresUserKind.model_validate({**opens, "when_refused": "nothing"})
    assert "postgres_users" in (PostgresUserKind.model_fields["when_refused"].description or "")


def test_sessions_that_were_open_before_neither_keep_it_from_ending_nor_count_as_picked_up(shop: World, lab: Lab) -> None:
    """A session needs its password when it is opened alone."""
    place = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
    with place.connect("reports"):
        shop.true_time = datetime.now(UTC)
        shop.rotator().advance("by hand")
        assert not shop.rotator().advance().ended, "in its grace time it can be taken back"
        row = shop.log.newest("shop")
        assert row
        assert not [who for who in row.picked_up_by if who.startswith("reports")]
        shop.pass_time(GRACE + timedelta(minutes=1))
        assert shop.rotator().advance().ended
    row = shop.log.newest("shop")
    assert row
    assert (row.state, bool(row.dead_at)) == (State.ROTATED, True)


def test_who_opens_a_session_with_the_new_one_has_picked_it_up(shop: World, lab: Lab) -> None:
    old = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
    with old.connect("reports"):
        shop.true_time = datetime.now(UTC)
        shop.rotator().advance("by hand")
        with replace(old, password=shop.current.get("password")).connect("reports"):
            shop.rotator().advance()
    row = shop.log.newest("shop")
    assert row
    assert [who.partition(" from ")[0] for who in row.picked_up_by] == ["reports"]


def test_compromised_ends_the_sessions_that_were_opened_before(shop: World, lab: Lab) -> None:
    place = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
    with place.connect("thief") as thief:
        outcome = shop.rotator(applied=False).advance("compromised")
        assert (outcome.rotated, bool(outcome.ended)) == (True, True)
        with pytest.raises(Exception, match=r"terminat|closed"):
            thief.execute("select 1")
    assert not works(shop, shop.first)
    assert works(shop, shop.current)


def test_what_tells_its_passwords_apart_says_nothing_of_them(shop: World) -> None:
    first = shop.rotator().advance("by hand").identity
    assert service_of(shop).identity(shop.first).endswith("(set by others)")
    shop.pass_time(GRACE + timedelta(minutes=1))
    assert shop.rotator().advance().ended == service_of(shop).identity(shop.first)
    second = shop.rotator().advance("by hand").identity
    assert first != second
    assert shop.current.get("password") not in first + second


@pytest.mark.parametrize("password", ["", "short", "x" * 42, "x" * 44, f"{'x' * 42}!", f"{'x' * 42}\u00e4", f"{'x' * 43}\n"])
def test_a_password_that_may_be_guessed_has_no_fingerprint(password: str) -> None:
    assert fingerprint(password) == "set by others"


def test_a_random_one_has_its_own() -> None:
    made = [new_password() for _ in range(50)]
    assert len({fingerprint(each) for each in made}) == 50
    assert fingerprint(made[0]) == fingerprint(made[0])


def test_taken_back_the_current_password_works_before_the_pending_one_is_forgotten(shop: World) -> None:
    pending = half_way(shop)
    assert not works(shop, shop.current)
    with pytest.raises(KilledError):
        shop.rotator("store.delete", "SIGKILL before").roll_back()
    assert works(shop, shop.current)
    assert shop.store.read(Stage.PENDING), "it is not forgotten yet"
    shop.rotator().roll_back()
    assert (shop.current, shop.store.read(Stage.PENDING)) == (shop.first, None)
    assert works(shop, shop.current)
    assert not works(shop, pending)
    row = shop.log.newest("shop")
    assert row
    assert row.state is State.ROLLED_BACK
    assert not shop.failed
    assert shop.rotator().advance("by hand").rotated, "and it goes on from there"


def test_taken_back_and_the_server_away_nothing_is_forgotten(shop: World) -> None:
    half_way(shop)
    with pytest.raises(BrokenError):
        shop.rotator("service.restore", "answer lost").roll_back()
    assert shop.store.read(Stage.PENDING)
    shop.look()
    shop.rotator().roll_back()
    assert works(shop, shop.first)
    assert not shop.failed


def test_the_value_before_comes_back_in_the_same_order(shop: World) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    assert shop.rotator().roll_back().rotated
    assert shop.current == shop.first
    assert not works(shop, second)
    assert not shop.failed


def test_a_taking_back_of_the_value_before_that_was_killed_is_taken_back_itself(shop: World) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    with pytest.raises(KilledError):
        shop.rotator("service.install", "SIGKILL after").roll_back()
    assert works(shop, shop.first)
    shop.rotator().roll_back()
    assert shop.current == second
    assert works(shop, second)
    assert not works(shop, shop.first)
    assert not shop.failed


def test_a_rotation_that_stopped_half_way_is_not_taken_for_done(shop: World) -> None:
    half_way(shop)
    row = shop.log.newest("shop")
    assert row
    assert (row.state, row.promoted_at) == (State.RUNNING, None)
    with pytest.raises(CannotAskError, match=r"the current value of .* is refused") as raised:
        shop.rotator().look()
    assert "upkeep secret rollback" in raised.value.remedy
    assert shop.rotator().advance().rotated
    assert [row.state for row in shop.log.rows.values()] == [State.GRACE]


def test_a_value_that_the_server_does_not_take_leaves_the_current_one_working(shop: World) -> None:
    real = service_of(shop)

    class Refusing:
        """The real one, but it takes no new value, and notes what it was asked to restore."""

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def install(self, pending: SecretValue) -> None:
            """The server takes it, and says that it did not."""
            real.install(pending)
            raise RefusedError("too short")

    refusing: Any = Refusing()
    with pytest.raises(RefusedError):
        replace(shop.rotator(), service=refusing).advance("by hand")
    assert shop.store.read(Stage.PENDING) is None
    assert works(shop, shop.current)


def test_a_password_that_the_server_has_already_is_not_made_again(shop: World, lab: Lab) -> None:
    verifier = f"select rolpassword from pg_authid where rolname = '{users(lab)[0]}'"
    before = lab.value(verifier)
    service_of(shop).install(shop.current)
    assert lab.value(verifier) == before
    shop.rotator().advance("by hand")
    assert lab.value(verifier) != before


HARM = {
    "replication": ('alter role "{a}" replication', "serves replication"),
    "no login": ('alter role "{a}" nologin', "may not log in"),
    "no connections": ('alter role "{a}" connection limit 0', "connection limit of 0"),
    "no longer valid": ("""alter role "{a}" valid until '2001-01-01'""", "was valid until 2001-01-01"),
    "another password": ("""alter role "{a}" password 'set-by-hand'""", "the current value of .* is refused"),
    "a copy": (MAPPED, "with a copy of its password"),
}


@pytest.mark.fault
@pytest.mark.parametrize("harm", HARM)
def test_what_rotating_would_break_is_refused_by_name(shop: World, lab: Lab, harm: str) -> None:
    statements, text = HARM[harm]
    name = users(lab)[0]
    lab.run(statements.format(a=name))
    assert refused(shop, text)


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "more",
    [
        "alter role {a} set statement_timeout = '5s'",
        "grant create on schema public to {a}",
        "alter role {a} connection limit 3",
        "alter role {a} valid until '2100-01-01'",
        "grant {b} to {a} with admin option",
        "alter table orders enable row level security; create policy p on orders using (current_user = 'x')",
    ],
)
def test_what_stays_the_users_own_is_no_obstacle(shop: World, lab: Lab, more: str) -> None:
    first, second = users(lab)
    lab.run(more.format(a=f'"{first}"', b=f'"{second}"'))
    assert shop.rotator().advance("by hand").rotated
    assert not shop.failed


@pytest.mark.fault
@pytest.mark.parametrize("method", ["trust", "ident"])
def test_a_line_of_pg_hba_that_does_not_ask_for_its_password(shop: World, lab: Lab, method: str) -> None:
    with lines_of_hba(lab, f'host all "{users(lab)[0]}" all {method}'):
        refused(shop, "does not ask|is refused: .*Ident")


@pytest.mark.fault
def test_why_the_current_value_is_refused_is_told(shop: World, lab: Lab, tmp_path: Path) -> None:
    with lines_of_hba(lab, f'host all "{users(lab)[0]}" all reject'):
        assert "pg_hba.conf" in refused(shop, "is refused: .*pg_hba.conf")
    shop.first = shop.first.replaced(dbname="nowhere")
    (tmp_path / "shop.secret").write_text(shop.first.text)
    refused(shop, "is refused: .*there is no such database")


@pytest.mark.fault
def test_an_md5_password_is_told(shop: World, lab: Lab) -> None:
    lab.run(f"set password_encryption = 'md5'; alter role \"{users(lab)[0]}\" password '{FIRST}'")
    with lines_of_hba(lab, "host all all all md5"):
        refused(shop, "has an md5 password, whose drivers may know no SCRAM")


@pytest.mark.fault
def test_the_login_that_alters_must_be_another(shop: World, lab: Lab) -> None:
    lab.run(f'alter role "{users(lab)[0]}" createrole')
    own = replace(service_of(shop), admin=replace(lab.endpoint, user=users(lab)[0], password=FIRST))
    refused(shop, "would be locked out with its old password", own)


@pytest.mark.slow
@pytest.mark.fault
def test_a_standby_where_the_application_reads_or_where_it_would_be_altered(shop: World, lab: Lab, tmp_path: Path) -> None:
    """Before anything is done: at the proof applications would be refused already."""
    tmp_path.chmod(0o755)
    with standby_of(lab.server, tmp_path / "standby") as standby:
        wait_until(standby, f"select count(*) = 1 from pg_roles where rolname = '{users(lab)[0]}'")
        admin = standby.endpoint(lab.database)
        refused(shop, "only reads: it is a standby", replace(service_of(shop), admin=admin))
        shop.first = shop.first.replaced(port=str(standby.port))
        (tmp_path / "shop.secret").write_text(shop.first.text)
        refused(shop, "is another server than")


@pytest.mark.fault
def test_the_value_of_another_user_is_refused_by_name(shop: World) -> None:
    service = service_of(shop)
    stranger = shop.first.replaced(username="postgres", password=new_password())
    for work in (service.check, service.install, service.identity, service.restore):
        with pytest.raises(CannotAskError, match="the secret is of user postgres, and the inventory names"):
            work(stranger)
    with pytest.raises(CannotAskError, match="user postgres"):
        service.accepts(stranger, shop.first)
    with pytest.raises(CannotAskError, match="what is pending is what is current"):
        service.accepts(shop.first.replaced(host="localhost"), shop.first)


def test_a_rollback_at_rest_of_a_proven_value(shop: World) -> None:
    roll_back(shop)
    assert shop.current == shop.first
    assert works(shop, shop.first)
    assert not shop.failed
