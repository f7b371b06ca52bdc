"""What an owner asks of recovery, as the inventory is read."""

from typing import Any

import pytest
from pydantic import ValidationError

from upkeep.targets.database import Database


def read(**fields: Any) -> Database:
    return Database(name="shop", owner="ann", connection="shop", **fields)


@pytest.mark.parametrize(("text", "seconds"), [("4 h", 14400), ("90min", 5400), ("0.5 d", 43200), ("30 s", 30)])
def test_times_have_their_unit(text: str, seconds: float) -> None:
    assert read(rto=text, rpo=text).rto == seconds


@pytest.mark.parametrize("text", [4, True, "4", "4 weeks", "-1 h", "0 h", "h", "1h30", "", [1], float("nan")])
def test_a_time_without_one_is_refused(text: Any) -> None:
    with pytest.raises(ValidationError, match="such as 30 min or 4 h"):
        read(rto=text)


def test_a_heartbeat_in_every_way() -> None:
    assert read().heartbeat is read(heartbeat=False).heartbeat is None
    usual, named = read(heartbeat=True).heartbeat, read(heartbeat="beats").heartbeat
    assert usual
    assert usual.is_ours
    assert usual.schema_name == "upkeep_heartbeat"
    assert named
    assert named.schema_name == "beats"
    full = read(heartbeat={"schema": "x", "login": "beat_db"}).heartbeat
    assert full
    assert (full.schema_name, full.login) == ("x", "beat_db")
    column = read(heartbeat={"table": "public.orders", "column": "at"}).heartbeat
    assert column
    assert not column.is_ours


@pytest.mark.parametrize(
    "given",
    [3, {"table": "t"}, {"column": "c"}, {"table": "t", "column": "c", "login": "x"}, {"tabl": "t"}, "", "a\nb", "x" * 64],
)
def test_a_heartbeat_that_says_too_little_or_too_much_is_refused(given: Any) -> None:
    with pytest.raises(ValidationError):
        read(heartbeat=given)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({}, "say what is expected"),
        ({"expect": 1, "at_least": 1}, "say either"),
        ({"at_least": 2, "at_most": 1}, "no number is"),
        ({"expect": 1, "timeout_s": 0}, "greater than 0"),
        ({"expect": 1, "sql": ""}, "at least 1 character"),
    ],
)
def test_a_smoke_query_says_what_is_right(query: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        read(smoke=[{"name": "q", "sql": "select 1", **query}])


def test_two_smoke_queries_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="two queries are called q"):
        read(smoke=[{"name": "q", "sql": "select 1", "expect": 1}] * 2)
