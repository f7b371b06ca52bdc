"""What public rotators are known to get wrong, each as a test."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.rotation.places import aws
from tests.rotation.world import GRACE, KilledError, World, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.stages import Stage


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """Two users, and a secret of AWS."""
    with world(lab, tmp_path, "postgres_users", "secrets_manager") as made:
        yield made


def verifier(lab: Lab, user: str) -> Any:
    """What the server keeps of a password."""
    return lab.value(f"select rolpassword from pg_authid where rolname = '{user}'")


def test_the_proof_is_more_than_a_select(shop: World, lab: Lab) -> None:
    """A right that is lost between the check and the proof keeps the new value from becoming current."""
    with pytest.raises(KilledError):
        shop.rotator("service.install", "SIGKILL after").advance("by hand")
    lab.run(f'grant select on orders to "{users(lab)[0]}"')
    with pytest.raises(CannotAskError, match=f"{users(lab)[1]} lacks"):
        shop.rotator().advance("by hand")
    assert shop.current == shop.first
    assert not shop.failed


@pytest.mark.parametrize("told", [{"sslmode": "require"}, {"ssl": "true"}, {"sslmode": "verify-full"}])
def test_a_proof_by_tls_does_not_fall_back_to_plain_text(shop: World, told: dict[str, str]) -> None:
    """The server speaks no TLS."""
    pending = shop.service.propose(shop.first).replaced(**told)
    with pytest.raises(BrokenError) as raised:
        shop.service.prove(pending, shop.first)
    assert "SSL" in str(raised.value) or "certificate" in str(raised.value)


def test_no_label_is_left_on_a_version_after_its_end(shop: World) -> None:
    shop.rotator().advance("by hand")
    stages = aws("secretsmanager").describe_secret(SecretId="shop")["VersionIdsToStages"]
    assert sorted(label for labels in stages.values() for label in labels) == ["AWSCURRENT", "AWSPREVIOUS"]


def test_a_verifier_that_fits_is_not_made_again(shop: World, lab: Lab) -> None:
    """A new salt for the same password refuses those whose pooler keeps the old one."""
    pending = shop.service.propose(shop.first)
    shop.service.install(pending)
    first = verifier(lab, users(lab)[1])
    shop.service.install(pending)
    assert verifier(lab, users(lab)[1]) == first
    shop.service.install(pending.replaced(password="another-one-that-does-not-fit"))
    assert verifier(lab, users(lab)[1]) != first


def test_a_rotation_that_fails_leaves_the_old_value_working(shop: World, lab: Lab) -> None:
    lab.run(f'alter role "{users(lab)[1]}" connection limit 0')
    with pytest.raises(CannotAskError):
        shop.rotator().advance("by hand")
    shop.look()
    assert not shop.failed


def test_what_stands_half_way_in_the_store_is_finished_and_not_an_error(shop: World) -> None:
    """AWS answers such a state with "previous rotation in progress"."""
    with pytest.raises(KilledError):
        shop.rotator("store.put_secret_value", "SIGKILL after").advance("by hand")
    assert shop.store.read(Stage.PENDING)
    assert shop.rotator().advance().rotated
    assert not shop.failed


def test_the_secret_of_another_user_is_not_rotated(shop: World) -> None:
    """Whoever may write the secret must not choose whose password is set."""
    stranger = shop.first.replaced(username="postgres")
    for work in (shop.service.check, shop.service.propose):
        with pytest.raises(CannotAskError, match="the secret is of user postgres, and the inventory names"):
            work(stranger)
    with pytest.raises(CannotAskError, match="user postgres"):
        shop.service.accepts(stranger, shop.first)
    with pytest.raises(CannotAskError, match="user postgres"):
        shop.service.install(stranger)


def test_a_day_with_nothing_to_do_writes_nothing(shop: World) -> None:
    """Stores bill and limit versions."""
    shop.rotator().advance("by hand")
    for _ in range(3):
        shop.pass_time(timedelta(hours=1))
        shop.rotator().advance()
        written = [call for call in shop.watch.calls if call.startswith(("store.put", "store.update", "service.install"))]
        assert written == []


def test_the_old_value_is_proven_dead_and_nobody_is_left_with_it(shop: World, lab: Lab) -> None:
    shop.rotator().advance("by hand")
    shop.pass_time(GRACE + timedelta(minutes=1))
    shop.look()
    shop.rotator().advance()
    row = shop.log.newest("shop")
    assert row
    assert row.dead_at
    place = replace(lab.endpoint, user=users(lab)[0], password=shop.first.get("password"))
    with pytest.raises(BrokenError):
        place.connect("thief")
    assert lab.value(f"select count(*) from pg_stat_activity where usename = '{users(lab)[0]}'") == 0
