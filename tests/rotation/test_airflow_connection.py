"""A connection of Airflow as the store of a secret."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.lab import Lab
from tests.rotation.airflow_connections import Connections
from tests.ui import airflow_server
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.airflow_api import AirflowApi
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Stage
from upkeep.rotation.stores.airflow_connection import AirflowConnectionPlace, ConnectionSlots, ConnectionStore
from upkeep.sources.http_address import HttpAddress

FIRST = {
    "conn_type": "postgres",
    "host": "db",
    "port": 5432,
    "schema": "shop",
    "login": "a",
    "password": "one",
    "extra": '{"sslmode": "require"}',
}


@pytest.fixture
def airflow() -> Connections:
    """With one connection, of a person."""
    return Connections({"shop_db": {"connection_id": "shop_db", "description": "the shop's", **FIRST}})


def test_it_is_read_by_the_names_that_kinds_know(airflow: Connections) -> None:
    store = airflow.store("shop_db")
    store.check()
    current = store.read(Stage.CURRENT)
    assert current
    assert current.value.fields == {
        "username": "a", "password": "one", "host": "db", "port": "5432", "dbname": "shop",
        "sslmode": "require",
    }  # fmt: skip
    assert current.created_at.year == 1970, "nobody knows since when: it is past any age"
    assert store.read(Stage.PENDING) is None


def test_it_changes_over_the_api_and_all_else_stays(airflow: Connections) -> None:
    store = airflow.store("shop_db")
    current = store.read(Stage.CURRENT)
    assert current
    store.stage(current.value.replaced(username="b", password="two"))
    assert airflow.stored["shop_db"]["password"] == "one"
    store.promote()
    changed = airflow.stored["shop_db"]
    assert {name: changed[name] for name in FIRST} == {**FIRST, "login": "b", "password": "two"}
    assert set(airflow.stored) == {"shop_db", "shop_db.previous"}
    assert airflow.stored["shop_db.previous"]["password"] == "one"
    assert airflow.stored["shop_db.previous"]["conn_type"] == "postgres"
    again = store.read(Stage.CURRENT)
    assert again
    assert again.created_at.year > 2020
    assert airflow.signed_in == 1
    described = changed["description"]
    assert described.startswith("the shop's Upkeep put this value here at "), "what a person wrote stays"
    store.stage(again.value.replaced(password="three"))
    store.promote()
    assert airflow.stored["shop_db"]["description"].count("Upkeep put") == 1
    assert store.read(Stage.CURRENT).created_at > again.created_at  # type: ignore[union-attr]


@pytest.mark.parametrize("extra", ["[1]", "no json", '"text"', "7"])
def test_an_extra_that_has_no_fields_is_told(airflow: Connections, extra: str) -> None:
    airflow.stored["shop_db"]["extra"] = extra
    with pytest.raises(CannotAskError, match="extra of the connection shop_db is no JSON object"):
        airflow.store("shop_db").read(Stage.CURRENT)


def test_an_extra_of_any_fields_comes_back_as_it_was(airflow: Connections) -> None:
    extra = {"deep": {"list": [1, None, True]}, "text": "é\n\"'", "empty": ""}
    airflow.stored["shop_db"]["extra"] = json.dumps(extra)
    store = airflow.store("shop_db")
    current = store.read(Stage.CURRENT)
    assert current
    store.stage(current.value.replaced(password="two"))
    store.promote()
    assert json.loads(airflow.stored["shop_db"]["extra"]) == extra


@pytest.mark.parametrize(
    ("text", "message"), [("plain", "holds fields, and the value is plain text"), ('{"port": "x"}', "a port that is no number")]
)
def test_a_value_that_no_connection_holds_is_told(airflow: Connections, text: str, message: str) -> None:
    with pytest.raises(CannotAskError, match=message):
        airflow.store("shop_db").stage(SecretValue.parse(text))
    assert set(airflow.stored) == {"shop_db"}


def test_one_that_is_not_in_the_database_is_named(airflow: Connections) -> None:
    with pytest.raises(CannotAskError, match="other_db is not in Airflow's database") as raised:
        airflow.store("other_db").check()
    assert "secrets backend" in raised.value.remedy


def test_an_extra_that_would_hide_a_field_is_refused(airflow: Connections) -> None:
    airflow.stored["shop_db"]["extra"] = '{"host": "other"}'
    with pytest.raises(CannotAskError, match="extra of the connection shop_db has host"):
        airflow.store("shop_db").read(Stage.CURRENT)


def test_a_login_without_the_role_is_told_so(airflow: Connections) -> None:
    with pytest.raises(CannotAskError, match="POST /auth/token answered 401") as raised:
        airflow.store("shop_db", password="wrong").check()
    assert raised.value.remedy == "give it a role"
    token = AirflowApi(HttpAddress("http://airflow.test", password="old"), "", httpx.MockTransport(airflow.answer))
    with pytest.raises(CannotAskError, match="answered 403"):
        token.ask("GET", "/connections/shop_db")


def test_an_auth_manager_without_tokens() -> None:
    address = HttpAddress("http://airflow.test", user="u", password="p")
    api = AirflowApi(address, "", httpx.MockTransport(lambda _: httpx.Response(201, json={"detail": "by another way"})))
    with pytest.raises(CannotAskError, match="gives no token"):
        api.ask("GET", "/connections/x")


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        (httpx.Response(200, html="<form>"), "answered 200 without a JSON object"),
        (httpx.Response(302, headers={"Location": "/login"}), "answered 302, which leads elsewhere"),
        (httpx.Response(502, html="<h1>Bad Gateway</h1>"), "answered 502"),
    ],
)
def test_what_stands_between_is_not_taken_for_the_api(airflow: Connections, answered: httpx.Response, message: str) -> None:
    """Else an edit that never arrived would be taken for done, and what is pending thrown away."""

    def between(request: httpx.Request) -> httpx.Response:
        return answered if request.method == "PATCH" else airflow.answer(request)

    store = airflow.store("shop_db")
    store.stage(SecretValue({"password": "two"}))
    store.slots.api.transport = httpx.MockTransport(between)
    store.slots.api._calls = None  # noqa: SLF001 - it signs in anew
    with pytest.raises(BrokenError, match=message) as raised:
        store.promote()
    assert raised.value.retry
    assert "shop_db.pending" in airflow.stored


def test_it_needs_connections_of_airflow() -> None:
    place = AirflowConnectionPlace(kind="airflow_connection", id="shop_db", api="airflow_api")
    nobody: Any = object()
    with pytest.raises(BrokenError, match="no connections of Airflow"):
        place.open(nobody)
    assert place.described == "Airflow's connection shop_db"
    with pytest.raises(ValueError, match="id"):
        AirflowConnectionPlace(kind="airflow_connection", id="shop db", api="x")


def test_no_value_is_in_a_message(airflow: Connections) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500, text="hunter2") if request.method == "PATCH" else airflow.answer(request)

    store = airflow.store("shop_db")
    store.stage(SecretValue({"password": "two"}))
    store.slots.api.transport = httpx.MockTransport(broken)
    store.slots.api._calls = None  # noqa: SLF001 - it signs in anew
    with pytest.raises(BrokenError, match="answered 500") as raised:
        store.promote()
    assert raised.value.retry
    assert "hunter2" not in str(raised.value)
    assert "two" not in str(raised.value)


@dataclass(frozen=True)
class ByCommand:
    """Connections as `airflow connections get` shows them."""

    environment: dict[str, str]

    def whole(self, connection_id: str) -> Mapping[str, Any] | None:
        """None where the command finds none."""
        command = [sys.executable, "-m", "airflow", "connections", "get", connection_id, "-o", "json"]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode:
            return None
        (found,) = json.loads(done.stdout[done.stdout.index("[") :])
        extra = found.get("extra_dejson") or {}
        return {**found, "extra": extra if isinstance(extra, str) else json.dumps(extra)}


@pytest.mark.slow
def test_a_real_api_server_takes_it(reports: Lab, tmp_path: Path) -> None:
    with airflow_server.airflow_server(tmp_path, reports.endpoint, "run") as server:
        environment = airflow_server._environment(tmp_path, int(server.url.rpartition(":")[2]), reports.endpoint)  # noqa: SLF001
        address = HttpAddress(server.url, user="ada", password=airflow_server.PASSWORD)
        api = AirflowApi(address, "give it a role")
        api.ask("POST", "/connections", {"connection_id": "shop_db", **FIRST})
        store = ConnectionStore(ConnectionSlots(api, ByCommand(environment), "shop_db"))
        store.check()
        current = store.read(Stage.CURRENT)
        assert current
        store.stage(current.value.replaced(username="b", password="two"))
        store.promote()
        after = {stage: store.read(stage) for stage in Stage}
        assert after[Stage.PENDING] is None
        assert [found.value.get("password") for found in after.values() if found] == ["two", "one"]
        hidden = api.ask("GET", "/connections/shop_db").body
        assert hidden["password"] == "***"
        weak = AirflowApi(replace(address, user="vera"), "give it a role")
        with pytest.raises(CannotAskError, match="answered 403"):
            weak.ask("POST", "/connections", {"connection_id": "other", **FIRST})
