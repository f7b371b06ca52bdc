"""Prometheus' API: whole answers only, in spans that the server can bear."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson
from upkeep.sources.prometheus import Prometheus
from upkeep.sources.prometheus_series import series_of

START = datetime(2026, 5, 14, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def saying(*bodies: Any) -> tuple[Prometheus, list[dict[str, str]]]:
    """A server that gives these answers, the last for ever, and the forms that it was sent."""
    left, forms = list(bodies), []

    def answer(request: httpx.Request) -> httpx.Response:
        forms.append({name: values[0] for name, values in parse_qs(request.content.decode()).items()})
        body = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(422 if body.get("status") == "error" else 200, json=body)

    service = HttpJson(HttpAddress("http://h"), "Prometheus", transport=httpx.MockTransport(answer), wait=lambda _: None)
    return Prometheus(service), forms


def success(*result: Any, **more: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(result)}, **more}


def failure(kind: str, said: str) -> dict[str, Any]:
    return {"status": "error", "errorType": kind, "error": said}


def test_a_partial_answer_is_asked_against_and_refused() -> None:
    for more in ({"warnings": ["store 2 is away"]}, {"isPartial": True}):
        server, forms = saying(success(**more))
        with pytest.raises(BrokenError, match="answered in part") as caught:
            server.query("up", START)
        assert caught.value.retry
        assert (forms[0]["partial_response"], forms[0]["deny_partial_response"]) == ("false", "1")


def test_a_remark_of_version_3_is_no_warning() -> None:
    server, _ = saying(success(infos=["metric might not be a counter"]))
    assert server.query("up", START) == ()


def test_a_query_that_cannot_be_read_is_for_a_person() -> None:
    server, _ = saying(failure("bad_data", "unexpected end"))
    with pytest.raises(CannotAskError, match=r"refuses up\{: unexpected end"):
        server.query("up{", START)


def test_a_server_that_gave_up_may_be_asked_again() -> None:
    server, _ = saying(failure("timeout", "query timed out"))
    with pytest.raises(BrokenError, match="timeout query timed out") as caught:
        server.query("up", START)
    assert caught.value.retry


@pytest.mark.parametrize("body", [{"hello": "world"}, {"status": "ok"}])
def test_another_api_is_said(body: dict[str, str]) -> None:
    server, _ = saying(body)
    with pytest.raises(BrokenError, match="does not answer as Prometheus does"):
        server.query("up", START)


@pytest.mark.parametrize(
    "result",
    [[1, "2"], [{"metric": {}, "values": [[1, "many"]]}], [{"metric": {}, "values": [1]}], [{"histogram": [1, {}]}], "text"],
)
def test_what_is_no_series_is_said(result: Any) -> None:
    server, _ = saying({"status": "success", "data": {"resultType": "scalar", "result": result}})
    with pytest.raises(BrokenError, match="does not answer as Prometheus does"):
        server.query("up", START)


@pytest.mark.parametrize("data", [None, {}, {"result": None}])
def test_no_series_are_none(data: Any) -> None:
    server, _ = saying({"status": "success", "data": data})
    assert server.query("up", START) == ()


def test_raw_samples_are_asked_in_spans_and_joined() -> None:
    first, second = START.timestamp(), (START + 6 * HOUR).timestamp()
    metric = {"metric": {"job": "a"}}
    server, forms = saying(
        success(metric | {"values": [[first, "1"], [first + 9, "2"]]}),
        success(metric | {"values": [[second, "2"], [second + 9, "5"]]}),
    )
    (found,) = server.raw("x", START, START + 8 * HOUR)
    assert [form["query"] for form in forms] == ["x[21600000ms]", "x[7200000ms]"]
    assert list(zip(found.times, found.values, strict=True)) == [(first + 9, 2.0), (second + 9, 5.0)]


def test_spans_that_are_too_much_are_halved() -> None:
    server, forms = saying(failure("execution", "query processing would load too many samples into memory"), success())
    server.raw("x", START, START + 6 * HOUR)
    assert [form["query"] for form in forms] == ["x[21600000ms]", "x[10800000ms]", "x[10800000ms]"]


@pytest.mark.parametrize(
    "said",
    [
        "the query exceeded the maximum number of chunks (limit: 2000000 chunks)",
        "exceeded chunks limit: rpc error",
        "cannot select more than -search.maxSamplesPerQuery=1000000000 samples",
    ],
)
def test_other_servers_say_too_much_in_other_words(said: str) -> None:
    server, forms = saying(failure("execution", said), success())
    server.raw("x", START, START + HOUR)
    assert len(forms) == 3
    server, _ = saying(failure("execution", said))
    with pytest.raises(CannotAskError, match="refuses sum"):
        server.query("sum(x)", START)


def test_a_minute_that_is_too_much_is_said() -> None:
    server, _ = saying(failure("execution", "query processing would load too many samples into memory"))
    with pytest.raises(CannotAskError, match="cannot load a minute of x"):
        server.raw("x", START, START + HOUR)


def test_steps_are_aligned_and_below_the_limit() -> None:
    server, forms = saying(success())
    server.range("x", START + timedelta(seconds=7), START + 10_001 * MINUTE, MINUTE)
    bounds = [(float(form["start"]), float(form["end"])) for form in forms]
    first = START.timestamp() + 60
    assert bounds == [(first, first + 9_999 * 60), (first + 10_000 * 60, first + 10_000 * 60)]


def test_native_histograms_stand_apart() -> None:
    written = {"count": "3", "sum": "1", "buckets": [[0, "0.5", "1", "2"], [0, "0.25", "0.5", "1"]]}
    (found,) = series_of([{"metric": {}, "values": [[1, "7"]], "histograms": [[2, written]]}])
    assert (list(found.times), list(found.values)) == ([1.0], [7.0])
    ((at, histogram),) = found.histograms
    assert (at, histogram.count, histogram.buckets) == (2.0, 3.0, {(0.25, 0.5): 1.0, (0.5, 1.0): 2.0})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Nine days, a sample a minute."""
    past = Past(START)
    past.add("x", [(60 * number, number) for number in range(9 * 1440)], job="a")
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


@needs_prometheus
def test_nine_days_of_minutes_come_whole(served: Served) -> None:
    """12,960 points: the server itself refuses more than 11,000 at once."""
    end = START + timedelta(days=9) - MINUTE
    (found,) = served.client.range("x", START, end, MINUTE)
    assert list(found.values) == list(range(9 * 1440))
    (raw,) = served.client.raw("x", START - MINUTE, end)
    assert (list(raw.times), list(raw.values)) == (list(found.times), list(found.values))


@needs_prometheus
def test_a_real_server_refuses_what_it_cannot_read(served: Served) -> None:
    with pytest.raises(CannotAskError, match="parse error"):
        served.client.query("up{", START)
    assert served.client.query("x", START + HOUR)[0].values[0] == 60
