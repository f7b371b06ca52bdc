"""OSV's API: pages, busy servers, and answers that are none."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from tests.advisories.made import document
from tests.osv_server import osv
from upkeep.advisories.found import Located, look
from upkeep.advisories.places import from_api
from upkeep.errors import BrokenError
from upkeep.formats.package import Origin, Package
from upkeep.sources.osv_api import OsvApi, Query

MANY = [document(f"A-{n}", "it", "introduced=0", "fixed=2") for n in range(7)]
IT = Query("PyPI", "it", "1")
NOW = datetime(2026, 6, 1, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


def api(answer: Answer, waits: list[float] | None = None) -> OsvApi:
    """The API in front of a made-up server; nothing is waited for."""
    kept = waits if waits is not None else []
    return OsvApi("https://osv.example", transport=httpx.MockTransport(answer), wait=kept.append)


def test_every_page_is_asked_for_and_connections_are_kept() -> None:
    with osv(MANY) as server:
        server.page = 3
        with OsvApi(server.address, wait=lambda _: None) as asked:
            found = list(asked.documents([IT, IT, Query("PyPI", "other", "1")]))
        assert [one["id"] for one in found] == [f"A-{n}" for n in range(7)]
        assert server.calls.count("/v1/querybatch") == 3
        assert len(server.calls) == 10, "each document once"
        assert server.connections == 1


def test_more_than_a_batch_is_asked_in_batches() -> None:
    with osv([]) as server, OsvApi(server.address, wait=lambda _: None) as asked:
        assert list(asked.documents([Query("PyPI", f"p{n}", "1") for n in range(2500)])) == []
        assert server.calls == ["/v1/querybatch"] * 3


def test_a_busy_server_is_asked_again() -> None:
    with osv(MANY[:1]) as server, OsvApi(server.address, wait=lambda _: None) as asked:
        server.failures = 3
        assert len(list(asked.documents([IT]))) == 1


def test_what_the_server_says_to_wait_is_waited() -> None:
    waits: list[float] = []
    with pytest.raises(BrokenError, match=r"in 5 tries: HTTP 429"):
        list(api(lambda _: httpx.Response(429, headers={"retry-after": "7"}), waits).documents([IT]))
    assert waits.count(7.0) == 4
    waits.clear()
    with pytest.raises(BrokenError):
        list(api(lambda _: httpx.Response(429, headers={"retry-after": "99999"}), waits).documents([IT]))
    assert max(waits) == 60


def unreachable(_: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no route to host")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (unreachable, "no route to host"),
        (lambda _: httpx.Response(404), "HTTP 404"),
        (lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example"}), "HTTP 302"),
        (lambda _: httpx.Response(200, text="<html>"), "no JSON"),
        (lambda _: httpx.Response(200, json=[]), "something else than an object"),
        (lambda _: httpx.Response(200, json={}), "answered none of 1"),
        (lambda _: httpx.Response(200, json={"results": []}), "answered 0 of 1"),
        (lambda _: httpx.Response(200, json={"results": [{"next_page_token": "same"}]}), "pages without end"),
    ],
)
def test_an_answer_that_is_none_is_an_error_and_never_clean(answer: Answer, why: str) -> None:
    with pytest.raises(BrokenError, match=why):
        list(api(answer).documents([IT]))


def test_an_advisory_that_cannot_be_fetched_is_an_error() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        batch = httpx.Response(200, json={"results": [{"vulns": [{"id": "../secrets"}]}]})
        return batch if request.method == "POST" else httpx.Response(404 if b"%2F" in request.url.raw_path else 200)

    with pytest.raises(BrokenError, match="HTTP 404"):
        list(api(answer).documents([IT]))


def test_what_the_api_says_is_judged_again_and_dated_now() -> None:
    with osv(MANY[:2]) as server, OsvApi(server.address, wait=lambda _: None) as asked:
        places = [Located("x.lock", Package("PyPI", "It", "1"))]
        known = from_api(asked, places, NOW)
    message = look(places, known, NOW)
    assert [found.fault.title for found in message.found] == ["A-0", "A-1"]
    assert not message.unjudged


def test_a_commit_that_was_not_asked_about_is_said() -> None:
    with osv([]) as server, OsvApi(server.address, wait=lambda _: None) as asked:
        places = [Located("x.lock", Package("npm", "it", None, origin=Origin.GIT, commit="a" * 40))]
        known = from_api(asked, places, NOW)
    assert "comes from git" in look(places, known, NOW).unjudged[0]
