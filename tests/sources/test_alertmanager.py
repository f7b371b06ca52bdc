"""Alertmanager's silences: what is none of them is said, since without them every alert would seem to be unacknowledged."""

import json
from typing import Any

import httpx
import pytest

from upkeep.errors import BrokenError
from upkeep.sources.alertmanager import Alertmanager, Silence
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson

MATCHER = {"name": "service", "value": "shop|cart", "isRegex": True}
SILENCE = {
    "startsAt": "2026-05-14T12:00:00.123456789Z",
    "endsAt": "2026-05-14T15:00:00+02:00",
    "createdBy": "on call",
    "matchers": [MATCHER],
}


def silences(answer: Any) -> tuple[Silence, ...]:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=json.dumps(answer)))
    return Alertmanager(HttpJson(HttpAddress("http://h"), "Alertmanager", transport=transport)).silences()


@pytest.mark.baseline
def test_each_is_read_with_its_matchers() -> None:
    (found,) = silences([SILENCE])
    assert (found.start.microsecond, found.end.hour, found.by) == (123456, 13, "on call")
    assert found.covers({"service": "cart"}, found.start, found.end)
    assert not found.covers({"service": "carts"}, found.start, found.end)


@pytest.mark.near_miss
def test_none_are_none() -> None:
    assert silences([]) == ()


@pytest.mark.fault
@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"status": "success", "data": []},
        [None],
        [{**SILENCE, "matchers": None}],
        [{**SILENCE, "endsAt": "soon"}],
        [{**SILENCE, "endsAt": "9999-12-31T23:59:59-05:00"}],
    ],
)
def test_what_is_no_list_of_them_is_said(answer: Any) -> None:
    with pytest.raises(BrokenError, match="does not answer as Alertmanager does"):
        silences(answer)
