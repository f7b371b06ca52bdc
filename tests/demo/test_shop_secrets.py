"""The shop's login is rotated while customers log in with what they read: nobody is refused; and both faults are found."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.demo.test_planted import demo as demo  # noqa: PLC0414 - a fixture
from tests.lab import asking
from upkeep.answer import Answer
from upkeep.checks.security.secret_age import secret_age
from upkeep.checks.security.secret_sharing import secret_sharing
from upkeep.cli.job import present
from upkeep.config.inventory import Inventory, load
from upkeep.demo import begin, logins, shop, shop_secrets
from upkeep.demo.found import shop_rotation
from upkeep.demo.logins import Cached, Try, said, tried
from upkeep.demo.planted import PLANTED, Found, missed
from upkeep.discovery import discover
from upkeep.duty import Progress
from upkeep.jobs.security.secret_rotation import secret_rotation
from upkeep.runner import ask_and_store
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, connected
from upkeep.store.sync_definitions import declare


@dataclass(frozen=True)
class ByName:
    """The shop's connection of the login that alters both users."""

    demo: begin.Demo

    def postgres(self, connection_id: str) -> Endpoint:
        """The shop as that login."""
        assert connection_id == "shop_rotation"
        return shop.login(self.demo.production, self.demo.state, connection_id)


@contextmanager
def customers(demo: begin.Demo) -> Iterator[None]:
    where = shop.login(demo.production, demo.state, "shop_app")
    there = {"PGHOST": where.host, "PGPORT": str(where.port), "PGDATABASE": str(where.database)}
    ours = {logins.SECRET: str(shop_secrets.file(demo.home)), logins.TRIES: str(demo.tries)}
    with subprocess.Popen([sys.executable, "-m", "upkeep.demo.logins"], env={**os.environ, **there, **ours}) as process:
        try:
            yield
        finally:
            process.terminate()


def asked(demo: begin.Demo, duty: Any, name: str) -> Answer:
    inventory = load(demo.inventory)
    by = Provenance("daily", "run", f"security.{duty.name}", 0, 1, datetime.now(UTC), 0)
    window = present(duty.cadence, by.asked_at, inventory)
    question = asking(duty, inventory.target(name), ByName(demo), provenance=by, window=window)  # type: ignore[arg-type]
    return ask_and_store(question, demo.store, {Progress: lambda *_: None, Inventory: inventory})


def until(demo: begin.Demo, user: str) -> None:
    for _ in range(300):
        if any(one.user == user for one in tried(demo.tries)):
            return
        time.sleep(0.2)
    raise AssertionError(f"nobody logged in as {user}")


@pytest.mark.slow
def test_customers_see_nothing_of_a_rotation_and_what_is_planted_is_found(demo: begin.Demo) -> None:
    (demo.home / "logs").mkdir(exist_ok=True)
    begin.write_inventory(demo.inventory, datetime.now(UTC))
    for _ in range(2):
        shop_secrets.make(demo.production, demo.home, demo.state)
    with connected(demo.store) as store:
        declare(store, load(demo.inventory), discover())
    with customers(demo):
        until(demo, "shop_app")
        assert "rotated: shop_app_b is current" in asked(demo, secret_rotation, "shop login").summary
        until(demo, "shop_app_b")
    sentence = said(tried(demo.tries), *shop_rotation(demo.store))
    assert sentence.startswith("0 failed logins of ")
    assert "from shop_app to shop_app_b" in sentence
    assert shop_secrets.login(demo.home, demo.store).user == "shop_app_b", "what starts next uses the new one"
    names = ("shop login", "partner token", "warehouse key")
    assert [asked(demo, secret_rotation, name).status.value for name in names[1:]] == ["unknown", "unknown"]
    answers = {name: asked(demo, secret_age, name) for name in names}
    found = [
        Found(f.severity.label, name, "secret_age", f.rule, f.object, f.title) for name in names for f in answers[name].findings
    ]
    assert missed(found, [p for p in PLANTED if p.duty == "secret_age"]) == []
    assert len(found) == 2
    assert asked(demo, secret_sharing, "system").findings == ()


AT = datetime(2026, 11, 27, tzinfo=UTC)


def test_refusals_are_counted_in_the_rotation_and_in_all() -> None:
    tries = [
        Try((AT + timedelta(seconds=second)).timestamp(), "a" if second < 0 else "b", second != -90) for second in range(-100, 20)
    ]
    text = said(tries, AT - timedelta(seconds=1), AT)
    assert text == "0 failed logins of 22 during the rotation (1.0 s, from a to b); 1 failed logins of 120 in all"
    assert said(tries[:10], None, None) == "no rotation of the shop's login yet; 0 failed logins of 10"


def test_an_application_keeps_what_it_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    path = tmp_path / "secret"
    path.write_text(json.dumps({"username": "a", "password": "x"}))
    cached = Cached(path)
    assert cached.login() == {"user": "a", "password": "x"}
    path.write_text(json.dumps({"username": "b", "password": "y"}))
    assert cached.login()["user"] == "a"
    now[0] += logins.CACHE_S
    assert cached.login()["user"] == "b"


def test_half_a_line_is_no_login(tmp_path: Path) -> None:
    path = tmp_path / "logins"
    path.write_text('[1.0, "a", true]\n[2.0, "a"')
    assert tried(path) == [Try(1.0, "a", well=True)]
    assert tried(tmp_path / "none") == []


def test_a_server_that_is_away_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    def fail(text: str) -> None:
        monkeypatch.setattr(psycopg, "connect", lambda *_, **__: (_ for _ in ()).throw(psycopg.OperationalError(text)))

    fail("connection refused")
    assert logins.attempt({"user": "a", "password": "x"}).well
    for text in ('password authentication failed for user "a"', 'role "a" is not permitted to log in'):
        fail(text)
        assert not logins.attempt({"user": "a", "password": "x"}).well


def test_a_login_before_there_is_a_secret(tmp_path: Path) -> None:
    where = Endpoint("h", 1, "u", "p", "d")
    assert shop_secrets.login(tmp_path, where) == where
    assert replace(where, user="x") != where
