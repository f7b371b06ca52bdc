"""Keys, run ids, the hours of a decision, and the chain of signatures."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.decisions.examples import NOW, approval, review, signed
from upkeep.decisions.decision import LOOK_EVERY, Standing, Status, person_of
from upkeep.decisions.people import Signer

OPEN = Standing(decision=review(), digest="d", status=Status.OPEN, opened_at=NOW, due_at=NOW + timedelta(days=8))


def test_a_review_is_known_by_its_window_and_an_approval_by_its_run() -> None:
    assert review().key == "accepted_logins/shop/2026-11-09T06:00:00Z/2026-11-16T06:00:00Z"
    assert review(weeks=1).key != review().key
    assert approval(run="manual__1").key == "restore/shop/manual__1"


def test_the_run_id_is_the_same_each_time_and_one_that_airflow_takes() -> None:
    about = replace(review().subject, target='O\'Brien "ä"/' + "x" * 200)
    assert about.run_id == replace(about).run_id
    assert re.fullmatch(r"[A-Za-z0-9_.~:+-]{1,250}", about.run_id)
    assert about.run_id != review().subject.run_id
    assert review().subject.run_id.startswith("accepted_logins__shop__2026-11-16__")


def test_the_reminder_is_due_at_half_time_once_and_never_after_the_end() -> None:
    half = NOW + timedelta(days=4)
    assert not OPEN.reminder_due(half - timedelta(seconds=1))
    assert OPEN.reminder_due(half)
    assert not replace(OPEN, reminded_at=half).reminder_due(half)
    assert not OPEN.reminder_due(OPEN.due_at)
    assert not replace(OPEN, status=Status.WITHDRAWN).reminder_due(half)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(0), LOOK_EVERY),
        (timedelta(days=3, hours=23), timedelta(hours=1)),
        (timedelta(days=7, hours=23), timedelta(hours=1)),
        (timedelta(days=9), LOOK_EVERY),
    ],
    ids=["often enough to notice a withdrawal", "until half time", "until it is due", "past due"],
)
def test_it_wakes_when_there_is_something_to_do(after: timedelta, expected: timedelta) -> None:
    assert OPEN.wake_in(NOW + after) == expected


def test_a_signature_is_chained_to_the_one_before() -> None:
    first = signed("olga", "d", root="keep")
    second = replace(signed("fred", "d", place=2), previous=first.sha256)
    assert first.sha256 == replace(first).sha256
    assert replace(second, previous=replace(first, values={"root": "take away"}).sha256).sha256 != second.sha256
    for change in ({"user_id": "7"}, {"option": "Object"}, {"digest": "e"}, {"answered_at": NOW + timedelta(seconds=1)}):
        assert replace(first, **change).sha256 != first.sha256


def test_who_answered_is_named_as_in_the_inventory() -> None:
    people = (Signer("owner", "olga", "12"),)
    assert person_of(people, "olga", "12") == person_of(people, "?", "12") == "owner"
    assert person_of(people, "stranger", "13") == "stranger"
