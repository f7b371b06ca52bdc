"""Lifecycle rules of a bucket: which of them really do something about every object of a place."""

import json
from typing import Any

import pytest

from upkeep.opportunities.lifecycle_rules import FORGETS, GIVES_UP, MOVES, REMEDIES, covered, remedy

EXPIRES: dict[str, Any] = {"Expiration": {"Days": 365}}


@pytest.mark.parametrize(
    ("rule", "actions", "does"),
    [
        (EXPIRES, MOVES, True),
        ({"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}]}, MOVES, True),
        ({"Transitions": []}, MOVES, False),
        ({"Expiration": {"ExpiredObjectDeleteMarker": True}}, MOVES, False),
        ({"Expiration": {"ExpiredObjectDeleteMarker": False, "Days": 9}}, MOVES, True),
        (EXPIRES, FORGETS, False),
        ({"NoncurrentVersionExpiration": {"NoncurrentDays": 9}}, FORGETS, True),
        ({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}, GIVES_UP, True),
        ({}, MOVES, False),
    ],
)
def test_what_a_rule_does(rule: dict[str, Any], actions: tuple[str, ...], does: bool) -> None:  # noqa: FBT001 - a case
    assert covered([rule], "", actions) is does


@pytest.mark.parametrize(
    ("about", "is_all"),
    [
        ({}, True),
        ({"Filter": {}}, True),
        ({"Filter": {"Prefix": ""}}, True),
        ({"Filter": {"Prefix": "logs/"}}, True),
        ({"Prefix": "logs/"}, True),  # as it was written before 2018
        ({"Filter": {"Prefix": "logs/2026/"}}, False),
        ({"Prefix": "other/"}, False),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, False),
        ({"Filter": {"ObjectSizeGreaterThan": 1000}}, False),
        ({"Filter": {"And": {"Prefix": "logs/", "Tags": []}}}, False),
    ],
)
def test_which_objects_it_is_about(about: dict[str, Any], is_all: bool) -> None:  # noqa: FBT001 - a case
    assert covered([{**EXPIRES, **about}], "logs/", MOVES) is is_all


def test_one_rule_is_enough_and_none_is_not() -> None:
    assert covered([{"Prefix": "other/", **EXPIRES}, EXPIRES], "logs/", MOVES)
    assert not covered([], "logs/", MOVES)


@pytest.mark.parametrize("action", REMEDIES)
def test_the_rule_to_add_is_json_and_would_do(action: str) -> None:
    rule = json.loads(remedy(action, 'l"o\\gs/', 30).partition("of them): ")[2])
    assert covered([rule], 'l"o\\gs/2026', (*MOVES, *FORGETS, *GIVES_UP))
    assert not covered([rule], "other/", (*MOVES, *FORGETS, *GIVES_UP))
