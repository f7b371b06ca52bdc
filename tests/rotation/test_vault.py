"""A secret in KV version 2: nobody's write is overwritten, and each state of the server has a plain answer."""

from typing import Any

import httpx
import pytest

from tests.rotation.vault_server import Entry, VaultServer
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.http_calls import HttpCalls
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Stage
from upkeep.rotation.stores.vault import Vault, VaultPlace, vault_policy
from upkeep.sources.http_address import HttpAddress

SECOND = SecretValue({"password": "two"})


@pytest.fixture
def server() -> VaultServer:
    """With one secret of one version."""
    return VaultServer({"shop": Entry([{"password": "one"}], ["2026-01-01T00:00:00.945319214Z"])})


def test_applications_read_the_newest_version_and_pending_is_none_of_it(server: VaultServer) -> None:
    store = server.store("shop")
    store.stage(SECOND)
    assert server.entries["shop"].versions == [{"password": "one"}]
    store.promote()
    assert server.entries["shop"].versions == [{"password": "one"}, {"password": "two"}]
    assert set(server.entries) == {"shop", "shop.previous"}, "nothing is left of what was pending"
    current = store.read(Stage.CURRENT)
    assert current
    assert current.id == "2"


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(server: VaultServer) -> None:
    store = server.store("shop")
    store.stage(SECOND)
    answer = server.answer

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/data/shop"):
            server.entries["shop"].versions.append({"password": "by hand"})
            server.entries["shop"].made.append("2026-01-02T00:00:00Z")
        return answer(request)

    calls = HttpCalls(store.calls.address, "", httpx.MockTransport(meanwhile))
    with pytest.raises(BrokenError, match="somebody else wrote it") as raised:
        Vault(calls, "secret", "shop").promote()
    assert raised.value.retry
    assert server.entries["shop"].versions[-1] == {"password": "by hand"}
    assert "two" not in str(raised.value)


def test_the_same_value_is_not_written_twice(server: VaultServer) -> None:
    store = server.store("shop")
    store.stage(SECOND)
    store.stage(SECOND)
    assert len(server.entries["shop.pending"].versions) == 1


def test_the_value_before_outlives_a_limit_of_versions(server: VaultServer) -> None:
    server.entries["shop"].max_versions = 1
    store = server.store("shop")
    store.stage(SECOND)
    store.promote()
    previous = store.read(Stage.PREVIOUS)
    assert previous
    assert previous.value.get("password") == "one"


def test_a_newest_version_that_was_deleted_is_named_with_the_way_out(server: VaultServer) -> None:
    server.entries["shop"].deleted.add(1)
    store = server.store("shop")
    assert store.read(Stage.CURRENT) is None
    with pytest.raises(CannotAskError, match="version 1 of secret/shop, the newest, was deleted") as raised:
        store.check()
    assert raised.value.remedy == "vault kv undelete -mount=secret -versions=1 shop"


def test_a_newest_version_that_was_destroyed_is_not_to_be_undeleted(server: VaultServer) -> None:
    server.entries["shop"].versions[0] = None
    with pytest.raises(CannotAskError, match="version 1 of secret/shop, the newest, was destroyed") as raised:
        server.store("shop").check()
    assert raised.value.remedy == "put the value that works there"


def test_one_that_is_not_there(server: VaultServer) -> None:
    with pytest.raises(CannotAskError, match="there is no secret/other") as raised:
        server.store("other").check()
    assert "KV version 2" in raised.value.remedy


def test_a_token_that_may_not_is_told_what_it_needs(server: VaultServer) -> None:
    with pytest.raises(CannotAskError, match="answered 403: it is not allowed") as raised:
        server.store("shop", token="wrong").check()
    assert raised.value.remedy == "correct its policy"
    assert "wrong" not in str(raised.value)
    policy = vault_policy("secret", "shop")
    assert 'path "secret/data/shop.pending" { capabilities = ["create", "update", "read"] }' in policy
    assert 'path "secret/metadata/shop.pending" { capabilities = ["delete"] }' in policy


def test_sealed_and_away_are_tried_again(server: VaultServer) -> None:
    server.sealed = True
    with pytest.raises(BrokenError, match="is sealed") as raised:
        server.store("shop").check()
    assert raised.value.retry
    away = Vault(HttpCalls(HttpAddress("http://127.0.0.1:9"), ""), "secret", "shop")
    with pytest.raises(BrokenError, match="had no answer") as raised:
        away.read(Stage.CURRENT)
    assert raised.value.retry


@pytest.mark.parametrize(("status", "retry"), [(400, False), (429, True), (500, True)])
def test_what_it_answers_is_never_repeated(status: int, *, retry: bool) -> None:
    calls = HttpCalls(HttpAddress("http://vault.test"), "", httpx.MockTransport(lambda _: httpx.Response(status, text="hunter2")))
    with pytest.raises(BrokenError, match=f"answered {status}") as raised:
        calls.ask("GET", "/v1/secret/data/shop")
    assert raised.value.retry is retry
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("method", "answered", "message"),
    [
        ("GET", httpx.Response(200, html="<html>"), "answered 200 without a JSON object"),
        ("GET", httpx.Response(200, json=["other"]), "answered 200 without a JSON object"),
        ("GET", httpx.Response(307, headers={"Location": "https://active.test"}), "answered 307, which leads elsewhere"),
        ("POST", httpx.Response(307, headers={"Location": "https://active.test"}), "answered 307, which leads elsewhere"),
        ("POST", httpx.Response(400, html="<h1>Bad Request</h1>"), "was not written"),
        ("POST", httpx.Response(204), "was not written"),
        ("DELETE", httpx.Response(302, headers={"Location": "/login"}), "answered 302, which leads elsewhere"),
    ],
)
def test_a_proxy_or_a_standby_is_not_taken_for_the_server(
    server: VaultServer, method: str, answered: httpx.Response, message: str
) -> None:
    """Else what was never written would be taken for current, and what is pending destroyed."""

    def between(request: httpx.Request) -> httpx.Response:
        return answered if request.method == method else server.answer(request)

    store = server.store("shop")
    store.stage(SecretValue({"password": "two"}))
    before = dict(server.entries)
    calls = HttpCalls(store.calls.address, "", httpx.MockTransport(between))
    with pytest.raises(BrokenError, match=message) as raised:
        Vault(calls, "secret", "shop").promote()
    assert raised.value.retry
    assert set(before) <= set(server.entries)


def test_plain_text_cannot_be_kept(server: VaultServer) -> None:
    with pytest.raises(CannotAskError, match="plain text"):
        server.store("shop").stage(SecretValue.parse("plain"))


@pytest.mark.parametrize("path", ["/shop", "shop/", "data/shop"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="without slashes at its ends"):
        VaultPlace(kind="vault", path=path, connection="vault")


def test_it_is_opened_by_an_http_connection() -> None:
    class Http:
        """One server."""

        def http(self, connection_id: str) -> HttpAddress:
            """By its id."""
            return HttpAddress(f"https://{connection_id}:8200", password="t")

    made: Any = VaultPlace(kind="vault", path="shop/database", connection="vault").open(Http())  # type: ignore[arg-type]
    assert made.calls.address.url == "https://vault:8200"
    assert "shop/database.previous" in made.calls.denied
    assert VaultPlace(kind="vault", path="a/b", connection="c").described == "Vault, secret/a/b"
