"""Signals by declared SQL, from a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab
from upkeep.errors import BrokenError, CannotAskError
from upkeep.signals.kinds.query import QueryPlace, QuerySignals
from upkeep.signals.latency import Percentile
from upkeep.signals.minutes import Minute
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.window import Window

NOON = datetime(2026, 5, 14, 12, tzinfo=UTC)
WINDOW = Window(NOON, NOON + timedelta(minutes=4))
TABLE = """
    create table public.request as
    select
        timestamptz '2026-05-14 12:00+00' + place * interval '10 s' as at,
        '/orders/' || place % 2 as path,
        case when place in (2, 13) then 500 when place = 3 then 404 when place = 4 then 499 else 200 end as status,
        place * 0.1 as seconds
    from generate_series(-2, 17) as place
    where place not between 6 and 11
"""
MINUTES = """
    select
        date_trunc('minute', at) as minute,
        count(*) as requests,
        count(*) filter (where status >= 500) as errors,
        count(*) filter (where status between 400 and 498) as refused,
        count(*) filter (where status = 499) as closed,
        count(*) filter (where seconds > %(slow)s) as slow
    from public.request
    where at >= %(start)s and at < %(end)s
    group by 1
"""
LATENCY = """
    select share, percentile_disc(share) within group (order by seconds)::float8 as seconds, count(seconds) as n
    from public.request, unnest(array[0.5, 0.95]) as share
    where at >= %(start)s and at < %(end)s
    group by share
"""
ENDPOINTS = """
    select path as endpoint, count(*) as requests, sum(seconds)::float8 as total_s
    from public.request
    where at >= %(start)s
    group by 1
    order by 1
"""


def opened(lab: Lab, **more: str) -> QuerySignals:
    return QueryPlace.model_validate({"kind": "query", "connection": "shop_db", "minutes": MINUTES, **more}).open(
        OneDatabase(lab.endpoint)
    )


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.run(TABLE)
    return lab


def test_minutes_come_as_they_were_counted(shop: Lab) -> None:
    told = opened(shop).tell(WINDOW, 0.45)
    assert told.minutes.each == (Minute(6, 1, 1, 1, 1), None, Minute(6, 1, slow=6), None)
    assert told.latency == ()


def test_a_gap_is_quiet_where_that_is_declared(shop: Lab) -> None:
    each = opened(shop, gaps="quiet").tell(WINDOW, 0.45).minutes.each
    assert each[1] == each[3] == Minute(0, slow=0)


def test_latency_is_exact(shop: Lab) -> None:
    told = opened(shop, latency=LATENCY).tell(WINDOW, 0.45)
    assert told.latency == (Percentile(0.5, 0.5, 0.5, 12), Percentile(0.95, 1.7, 1.7, 12))


def test_endpoints_come_by_their_query(shop: Lab) -> None:
    found = opened(shop, endpoints=ENDPOINTS).endpoints(WINDOW).each
    assert [(each.endpoint, each.requests) for each in found] == [("/orders/0", 6), ("/orders/1", 6)]
    assert opened(shop, endpoints=ENDPOINTS).endpoints(WINDOW).coverage == opened(shop).tell(WINDOW, 1).minutes.coverage == 0.5
    with pytest.raises(CannotAskError, match="has no query of endpoints"):
        opened(shop).endpoints(WINDOW)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select now() as moment, 1 as requests", "cannot be asked"),
        ("select timestamptz '2026-05-14 12:00+00' as minute, null as requests", "gave requests as None, which is no number"),
        ("select timestamptz '2026-05-14 12:00+00' as minute, 'many' as requests", "gave requests as many, which is no number"),
        ("select timestamptz '2026-05-14 12:00+00' as minute, float8 'NaN' as requests", "gave requests as nan"),
        ("select timestamptz '2026-05-14 12:00+00' as minute, 9 as requests, true as errors", "gave errors as True"),
        ("select %(from)s::timestamptz as minute, 1 as requests", "cannot be asked"),
        ("select timestamptz '2026-05-14 12:00:30+00' as minute, 1 as requests", "no whole minute of the window"),
        ("select timestamptz '2026-05-14 12:04+00' as minute, 1 as requests", "no whole minute of the window"),
        ("select timestamptz '2026-05-14 12:00+00' as minute, 1 as requests from generate_series(1, 2)", "or came twice"),
        ("select minute, requests from public.nothing", 'relation "public.nothing" does not exist'),
        ("selec 1", "syntax error"),
        ("select timestamp '2026-05-14 12:00' as minute, 1 as requests", "without a time zone"),
        ("select %(start)s::timestamptz as minute, 1 as requests, 2 as errors", "above the requests"),
        ("select %(start)s::timestamptz as minute, -1 as requests", "below zero"),
    ],
)
def test_what_does_not_fit_is_named(lab: Lab, query: str, why: str) -> None:
    with pytest.raises(CannotAskError, match=why):
        opened(lab, minutes=query).tell(WINDOW, 0.5)


@pytest.mark.near_miss
def test_numbers_of_any_kind_are_numbers(lab: Lab) -> None:
    query = (
        "select timestamptz '2026-05-14 12:00+00' as minute, 9::numeric as requests, 2.0::float8 as errors, null::int8 as slow"
    )
    assert opened(lab, minutes=query).tell(WINDOW, 0.5).minutes.each[0] == Minute(9, 2)


def test_an_endpoint_without_a_name_and_a_share_of_nothing_are_said(shop: Lab) -> None:
    with pytest.raises(CannotAskError, match="gave endpoint as None, which is no text"):
        opened(shop, endpoints="select null as endpoint, 1 as requests").endpoints(WINDOW)
    with pytest.raises(CannotAskError, match="gave share as None, which is no number"):
        opened(shop, latency="select null as share, 1.5 as seconds, 3 as n").tell(WINDOW, 0.5)


def test_nothing_can_be_changed(shop: Lab) -> None:
    query = "with gone as (delete from public.request returning at) select min(at) as minute, 1 as requests from gone"
    with pytest.raises((BrokenError, CannotAskError), match="read-only"):
        opened(shop, minutes=query).tell(WINDOW, 0.5)


def test_a_database_that_is_away_is_said() -> None:
    away = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
    with pytest.raises(BrokenError):
        QueryPlace(kind="query", connection="shop_db", minutes=MINUTES).open(away).check()


def test_doctor_is_told_what_answers(lab: Lab) -> None:
    assert "answers as PostgreSQL" in opened(lab).check()
