"""secret_sharing: one value or one login in two secrets; values never leave the process."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, asking, rules
from upkeep.answer import Answer, Status
from upkeep.checks.security.secret_sharing import secret_sharing
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Settings
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.targets.secret import Secret
from upkeep.targets.system import System

VALUE, OTHER = "correct-horse-battery", "another-staple-entirely"


def shared(lab: Lab, folder: Path, contents: dict[str, Any], opens: dict[str, Any] | None = None) -> Answer:
    """Ask about secrets in files of these contents; None is one that is not there."""
    secrets = []
    for name, content in contents.items():
        path = folder / f"{name}.json"
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        given = (opens or {}).get(name, {"kind": "generated"})
        store = {"kind": "file", "path": str(path)}
        secrets.append(Secret.model_validate({"name": name, "owner": "ann", "store": store, "opens": given}))
    settings = Settings.model_validate({"people": [{"name": "ann", "role": "dba"}]})
    asked = asking(secret_sharing, System(owner="ann"), OneDatabase(lab.endpoint))
    return ask(asked, {Inventory: Inventory(settings=settings, targets=tuple(secrets))})


@pytest.mark.baseline
def test_secrets_of_their_own(lab: Lab, tmp_path: Path) -> None:
    answer = shared(lab, tmp_path, {"a": VALUE, "b": OTHER})
    assert (answer.status, answer.summary) == (Status.OK, "2 secrets compared, 0 pairs share a value or a login")
    assert [(m.numerator, m.denominator) for m in answer.metrics] == [(2, 2)]


@pytest.mark.near_miss
def test_what_is_public_or_short_may_be_alike(lab: Lab, tmp_path: Path) -> None:
    first = {"username": "shop_application", "host": "db.example.test", "pin": "1234567", "password": VALUE}
    assert rules(shared(lab, tmp_path, {"a": first, "b": {**first, "password": OTHER}})) == []


@pytest.mark.fault
def test_one_value_in_two_secrets_whatever_its_field(lab: Lab, tmp_path: Path) -> None:
    answer = shared(lab, tmp_path, {"a": {"password": VALUE}, "b": f"{VALUE}\n", "c": OTHER})
    assert rules(answer) == [("secret_value_shared", "a and b")]
    assert VALUE not in repr(answer)


@pytest.mark.fault
def test_one_login_in_two_secrets(lab: Lab, tmp_path: Path) -> None:
    kind = {"kind": "postgres_users", "connection": "admin"}
    opens = {"a": {**kind, "users": ["x", "y"]}, "b": {**kind, "users": ["z", "y"]}, "c": {**kind, "users": ["p", "q"]}}
    answer = shared(lab, tmp_path, {"a": {"password": VALUE}, "b": {"password": OTHER}, "c": {"password": OTHER[:12]}}, opens)
    assert rules(answer) == [("secret_login_shared", "a and b")]


@pytest.mark.fault
def test_one_user_whose_login_another_secret_has_among_its_two(lab: Lab, tmp_path: Path) -> None:
    one = {"kind": "postgres_user", "connection": "admin", "user": "y", "when_refused": "try_pending"}
    opens = {"a": {"kind": "postgres_users", "connection": "admin", "users": ["x", "y"]}, "b": one, "c": {**one, "user": "z"}}
    answer = shared(lab, tmp_path, {"a": {"password": VALUE}, "b": {"password": OTHER}, "c": {"password": OTHER[:12]}}, opens)
    assert rules(answer) == [("secret_login_shared", "a and b")]


@pytest.mark.fault
def test_one_place_declared_twice_is_one_finding(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(VALUE)
    fields = {"owner": "ann", "store": {"kind": "file", "path": str(path)}, "opens": {"kind": "generated"}}
    both = tuple(Secret.model_validate({"name": name, **fields}) for name in ("a", "b"))
    settings = Settings.model_validate({"people": [{"name": "ann", "role": "dba"}]})
    asked = asking(secret_sharing, System(owner="ann"), OneDatabase(lab.endpoint))
    answer = ask(asked, {Inventory: Inventory(settings=settings, targets=both)})
    assert rules(answer) == [("secret_declared_twice", "a and b")]


def test_one_that_cannot_be_read_leaves_it_unknown(lab: Lab, tmp_path: Path) -> None:
    answer = shared(lab, tmp_path, {"a": VALUE, "b": None})
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "1 of 2 secrets could not be read: b")
    worse = shared(lab, tmp_path, {"a": VALUE, "b": None, "c": VALUE})
    assert rules(worse) == [("secret_value_shared", "a and c")]
    assert "could not be read: b" in worse.summary


@pytest.mark.baseline
def test_without_any_there_is_nothing_to_share(lab: Lab, tmp_path: Path) -> None:
    assert shared(lab, tmp_path, {}).summary == "no secret of system is declared"
