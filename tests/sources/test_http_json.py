"""Services that answer in JSON: busy, away, slow, behind a login page, and with certificates."""

import gzip
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

import httpx
import pytest

from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson

SECRET = "hunter2"
Answering = Callable[[httpx.Request], httpx.Response]


def service(answer: Answering, waits: list[float] | None = None) -> HttpJson:
    address = HttpAddress("http://h/prefix", password=SECRET)
    wait = (waits if waits is not None else []).append
    return HttpJson(address, "Prometheus", transport=httpx.MockTransport(answer), wait=wait)


def always(*answers: httpx.Response) -> Answering:
    """These, one after the other, the last for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


@contextmanager
def served(*pieces: bytes) -> Iterator[str]:
    """The address of a server that answers one request with these, a moment apart."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with server.accept()[0] as line, suppress(OSError):
                line.recv(1 << 16)
                for piece in pieces:
                    line.sendall(piece)
                    time.sleep(0.02)

        Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_a_form_goes_below_the_address_with_the_login() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"a": 1})

    assert service(answer).post("/api/v1/query", {"query": "x" * 20_000}) == {"a": 1}
    assert str(seen[0].url) == "http://h/prefix/api/v1/query"
    assert seen[0].headers["authorization"] == f"Bearer {SECRET}"
    assert service(answer).get("/x", {"a": "b c"}) == {"a": 1}
    assert str(seen[1].url) == "http://h/prefix/x?a=b+c"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_service_is_asked_again(status: int) -> None:
    waits: list[float] = []
    answers = always(httpx.Response(status, headers={"retry-after": "7"}), httpx.Response(status), httpx.Response(200, json=1))
    assert service(answers, waits).get("/x") == 1
    assert waits == [7, 1]


def test_one_that_stays_busy_is_broken_and_may_be_retried() -> None:
    with pytest.raises(BrokenError, match=r"did not answer in 3 tries: HTTP 503 \(too many queries\)") as caught:
        service(always(httpx.Response(503, json={"error": "too many queries"}))).get("/x")
    assert caught.value.retry


def test_a_long_wait_is_not_waited_for() -> None:
    waits: list[float] = []
    service(always(httpx.Response(429, headers={"retry-after": "86400"}), httpx.Response(200, json=1)), waits).get("/x")
    assert waits == [30]


@pytest.mark.parametrize(
    ("told", "waited"),
    [("Fri, 27 Nov 2026 12:00:20 GMT", 20), ("Fri, 27 Nov 2026 11:00:00 GMT", 0), ("tomorrow", 0.5), ("-3", 0.5), ("", 0.5)],
)
def test_a_date_to_wait_for_is_by_the_clock_of_the_server(told: str, waited: float) -> None:
    waits: list[float] = []
    busy = httpx.Response(429, headers={"retry-after": told, "date": "Fri, 27 Nov 2026 12:00:00 GMT"})
    service(always(busy, httpx.Response(200, json=1)), waits).get("/x")
    assert waits == [waited]


def test_one_that_answers_in_drops_is_slow() -> None:
    with served(b"HTTP/1.1 200 OK\r\n\r\n", *[b"[" for _ in range(200)]) as url:
        slow = HttpJson(HttpAddress(url), "Prometheus", timeout_s=0.3, tries=1)
        with pytest.raises(BrokenError, match=r"no answer within 0\.3 s"):
            slow.get("/x")


@pytest.mark.near_miss
def test_one_that_answers_in_pieces_and_packed_is_read() -> None:
    packed = gzip.compress(b'{"a": 1}')
    with served(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n", packed[:9], packed[9:]) as url:
        assert HttpJson(HttpAddress(url), "Prometheus").get("/x") == {"a": 1}


@pytest.mark.parametrize("content", [b'{"a": 1', b"[" * 100_000, b'{"a": "\xff"}'])
def test_an_answer_that_was_cut_may_be_asked_for_again(content: bytes) -> None:
    answer = httpx.Response(200, content=content, headers={"content-type": "application/json"})
    with pytest.raises(BrokenError, match="answered /x with JSON that is cut or damaged") as caught:
        service(always(answer)).get("/x")
    assert caught.value.retry


def test_a_slow_one() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("late", request=request)

    with pytest.raises(BrokenError, match="no answer within 60 s") as caught:
        service(late).get("/x")
    assert caught.value.retry


def test_one_that_is_away() -> None:
    with pytest.raises(BrokenError, match="did not answer in 1 tries: ConnectError") as caught:
        HttpJson(HttpAddress("http://127.0.0.1:1"), "Prometheus", tries=1, wait=time.sleep).get("/x")
    assert caught.value.retry


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(200, html="<html>Sign in</html>"), "answered /x with a web page"),
        (httpx.Response(404, text="404 page not found"), r"something that is no JSON \(text/plain; charset=utf-8\) \(HTTP 404\)"),
        (httpx.Response(200, content=b'{"a": 1'), r"no JSON \(of no type\)"),
        (httpx.Response(302, headers={"location": "https://sso/login"}), r"sends to https://sso/login \(HTTP 302\)"),
        (httpx.Response(302, headers={"location": f"/login?token={SECRET}"}), r"sends to /login \(HTTP 302\)"),
        (httpx.Response(401), r"refused the login \(HTTP 401\)"),
        (httpx.Response(403), r"refused the login \(HTTP 403\)"),
    ],
)
def test_what_else_it_answers_is_said(answer: httpx.Response, message: str) -> None:
    with pytest.raises(BrokenError, match=message) as caught:
        service(always(answer)).get("/x")
    assert not caught.value.retry
    assert caught.value.remedy
    assert SECRET not in f"{caught.value}{caught.value.remedy}"


def test_one_that_fails_in_words_of_its_own_may_be_asked_again() -> None:
    with pytest.raises(BrokenError, match=r"failed \(HTTP 500\)") as caught:
        service(always(httpx.Response(500, text="internal"))).get("/x")
    assert caught.value.retry
