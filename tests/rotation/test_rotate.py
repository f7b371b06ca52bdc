"""A rotation from its first call to its last, with an application that logs in at every moment."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab
from tests.rotation.world import FIRST, GRACE, KINDS, MAX_AGE, STORES, KilledError, World, users, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.rotation import State
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError
from upkeep.rotation.stages import Stage


@pytest.fixture
def shop(lab: Lab, tmp_path: Path) -> Iterator[World]:
    """Two users, and a secret in a file."""
    with world(lab, tmp_path, "postgres_users", "text file") as made:
        yield made


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_past_its_age_is_rotated_and_the_old_one_ends_after_its_grace(
    lab: Lab, tmp_path: Path, kind: str, store: str
) -> None:
    with world(lab, tmp_path, kind, store) as made:
        made.pass_time(MAX_AGE - timedelta(hours=1))
        assert not made.rotator().advance().rotated, "it is young enough"
        made.pass_time(timedelta(hours=2))
        outcome = made.rotator().advance()
        made.max_age *= 100  # stores have a clock of their own, by which the new value is as old as this test's time is ahead
        assert (outcome.rotated, outcome.ended) == (True, None)
        assert outcome.waits_until == made.true_time + GRACE
        row = made.log.newest("shop")
        assert row
        assert (row.reason, row.state, row.dead_at) == ("age", State.GRACE, None)
        steps = [row.begun_at, row.staged_at, row.installed_at, row.proven_at, row.promoted_at]
        assert None not in steps
        assert steps == sorted(step for step in steps if step)
        assert made.current != made.first
        assert not made.legal()
        before = list(made.log.rows.values())
        made.pass_time(GRACE - timedelta(minutes=1))
        assert made.rotator().advance().waits_until, "not yet"
        assert list(made.log.rows.values()) == before
        made.pass_time(timedelta(minutes=2))
        made.look()
        again = made.rotator().advance()
        assert again.ended
        row = made.log.newest("shop")
        assert row
        assert row.state is State.ROTATED
        assert made.service.is_dead(made.first)
        assert not made.failed


def test_users_alternate_and_each_password_is_new(shop: World, lab: Lab) -> None:
    seen = [shop.current]
    for _ in range(4):
        shop.rotator().advance("by hand")
        seen.append(shop.current)
        shop.pass_time(GRACE + timedelta(minutes=1))
        shop.look()
        assert shop.rotator().advance().ended == seen[-2].fields["username"]
    first, second = users(lab)
    assert [value.fields["username"] for value in seen] == [first, second, first, second, first]
    assert len({value.fields["password"] for value in seen}) == 5
    assert all(value.fields["dbname"] == lab.database for value in seen)
    assert not shop.failed


def test_in_the_grace_time_nothing_is_rotated_again_since_the_next_user_is_the_one_in_use(shop: World) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    assert not shop.rotator().advance("by hand").rotated
    assert shop.current == second
    assert not shop.failed


def test_a_user_that_still_has_sessions_is_not_ended(shop: World, lab: Lab) -> None:
    place = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
    shop.rotator().advance("by hand")
    with place.connect("reports"):
        shop.pass_time(GRACE + timedelta(minutes=1))
        outcome = shop.rotator().advance()
        assert [use.who.partition(" from ")[0] for use in outcome.uses] == ["reports"]
        row = shop.log.newest("shop")
        assert row
        assert row.used_by
        assert not shop.rotator().advance("by hand").rotated, "nor is it given a new password"
    assert shop.rotator().advance().ended == users(lab)[0]
    row = shop.log.newest("shop")
    assert row
    assert row.used_by == ()


def test_compromised_ends_the_old_one_at_once_with_its_sessions(shop: World, lab: Lab) -> None:
    place = replace(lab.endpoint, user=users(lab)[0], password=FIRST)
    with place.connect("thief") as thief:
        outcome = shop.rotator(applied=False).advance("compromised")
        assert (outcome.rotated, outcome.ended) == (True, users(lab)[0])
        with pytest.raises(Exception, match=r"terminat|closed"):
            thief.execute("select 1")
    with pytest.raises(BrokenError):
        place.connect("thief")
    shop.look()
    assert not shop.failed


def test_compromised_in_the_grace_time_rotates_all_the_same(shop: World, lab: Lab) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    shop.cached.clear()
    outcome = shop.rotator(applied=False).advance("compromised")
    assert outcome.rotated
    assert shop.current.fields["username"] == users(lab)[0]
    assert shop.service.is_dead(second)
    with pytest.raises(BrokenError):
        replace(lab.endpoint, user=users(lab)[0], password=FIRST).connect("thief")


def test_compromised_and_killed_before_the_end_the_next_run_gives_no_grace(shop: World, lab: Lab) -> None:
    shop.rotator(applied=False).advance("compromised")
    calls = shop.watch.calls
    ends = max(number for number, name in enumerate(calls) if name == "service.retire")
    with world(lab, shop.folder, "postgres_users", "text file") as made:
        with pytest.raises(KilledError):
            made.rotator(ends, "SIGKILL before", applied=False).advance("compromised")
        assert not made.service.is_dead(made.first)
        outcome = made.rotator(applied=False).advance()
        assert (outcome.rotated, outcome.ended) == (False, users(lab)[0])
        assert made.service.is_dead(made.first)


def test_a_value_that_the_service_refuses_is_forgotten_and_another_one_is_tried(shop: World) -> None:
    tried: list[SecretValue] = []

    class Refusing:
        """The real one, but it takes no value."""

        def __getattr__(self, name: str) -> object:
            return getattr(shop.service, name)

        def install(self, pending: SecretValue) -> None:
            """No."""
            tried.append(pending)
            raise RefusedError("too short")

    refusing: Any = Refusing()
    for _ in range(2):
        with pytest.raises(RefusedError):
            replace(shop.rotator(), service=refusing).advance("by hand")
        assert shop.store.read(Stage.PENDING) is None
    assert tried[0] != tried[1]
    assert shop.rotator().advance("by hand").rotated
    assert not shop.failed


def test_rolled_back_before_it_is_current(shop: World, lab: Lab) -> None:
    shop.store.stage(shop.service.propose(shop.current))
    pending = shop.store.read(Stage.PENDING)
    assert pending
    shop.service.install(pending.value)
    assert not shop.service.is_dead(pending.value)
    assert not shop.rotator().roll_back().rotated
    assert shop.current == shop.first
    assert shop.service.is_dead(pending.value)
    assert shop.store.read(Stage.PENDING) is None
    assert shop.rotator().advance("by hand").rotated, "and it goes on from there"
    assert shop.current.fields["username"] == users(lab)[1]
    assert not shop.failed


@pytest.mark.parametrize("ended", [False, True])
def test_rolled_back_to_the_value_before(shop: World, *, ended: bool) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    if ended:
        shop.pass_time(GRACE + timedelta(minutes=1))
        shop.rotator().advance()
    shop.cached.clear()
    assert shop.rotator().roll_back().rotated
    assert shop.current == shop.first
    shop.look()
    row = shop.log.newest("shop")
    assert row
    assert row.reason == "rollback"
    shop.pass_time(GRACE + timedelta(minutes=1))
    shop.look()
    assert shop.rotator().advance().ended == second.fields["username"]
    assert shop.service.is_dead(second)
    assert not shop.failed


def test_nothing_to_roll_back_to(shop: World) -> None:
    with pytest.raises(CannotAskError, match="no value before its current one"):
        shop.rotator().roll_back()


def test_without_its_rows_a_rotation_goes_on_and_its_grace_begins_anew(shop: World, lab: Lab) -> None:
    shop.rotator().advance("by hand")
    shop.log.rows.clear()
    shop.pass_time(GRACE + timedelta(minutes=1))
    outcome = shop.rotator().advance()
    assert outcome.waits_until == shop.true_time + GRACE
    shop.pass_time(GRACE + timedelta(minutes=1))
    assert shop.rotator().advance().ended == users(lab)[0]
    row = shop.log.newest("shop")
    assert row
    assert row.reason == "found"


def test_a_pending_value_of_another_rotator_is_refused(shop: World) -> None:
    shop.store.stage(shop.first.replaced(password="somebody-elses"))
    with pytest.raises(CannotAskError, match="which the application uses now"):
        shop.rotator().advance("by hand")
    shop.look()
    assert not shop.failed


def test_a_value_before_of_the_same_user_is_not_ended(shop: World) -> None:
    """Somebody rotated it by hand, with one user."""
    shop.store.stage(shop.first)
    shop.store.promote()
    older = SecretValue({**shop.first.fields, "password": "older"})
    shop.store.slots.put(Stage.PREVIOUS, older.text)  # type: ignore[attr-defined]
    shop.pass_time(timedelta(days=3))
    assert shop.rotator().advance().ended is None
    shop.look()
    assert not shop.failed


@pytest.mark.parametrize("again", ["roll_back", "advance"])
def test_a_rollback_that_was_killed_is_forgotten_or_brought_to_its_end_and_the_old_value_is_spared(
    shop: World, again: str
) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    shop.store.stage(shop.first)
    shop.look()
    getattr(shop.rotator(), again)()
    assert shop.current == (second if again == "roll_back" else shop.first)
    shop.look()
    shop.pass_time(GRACE + timedelta(minutes=1))
    shop.look()
    ended = shop.first if again == "roll_back" else second
    assert shop.rotator().advance().ended == ended.fields["username"]
    assert shop.service.is_dead(ended)
    assert not shop.failed


@pytest.mark.parametrize("work", ["roll_back", "advance"])
def test_another_rotators_value_does_not_take_the_place_of_one_that_still_works(shop: World, work: str) -> None:
    shop.rotator().advance("by hand")
    shop.store.stage(shop.first.replaced(password="somebody-elses-password"))
    with pytest.raises(CannotAskError, match="somebody else rotates shop too"):
        getattr(shop.rotator(), work)()
    shop.look()
    assert not shop.failed


def test_a_value_that_others_rotated_back_is_ended_after_a_grace_time_of_its_own(shop: World) -> None:
    shop.rotator().advance("by hand")
    second = shop.current
    shop.pass_time(GRACE + timedelta(minutes=1))
    shop.rotator().advance()
    shop.cached.clear()
    shop.service.install(shop.first)
    shop.store.stage(shop.first)
    shop.store.promote()
    assert shop.rotator().advance().waits_until
    shop.pass_time(GRACE + timedelta(minutes=1))
    assert shop.rotator().advance().ended == second.fields["username"]
    shop.look()
    assert not shop.failed
