"""usage: asked over the whole period, judged by the range that is expected."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from tests.checks.service.prometheus_days import DAY, rising, service
from tests.lab import Lab, rules
from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.service.usage import usage
from upkeep.sources.connections import Connections, OneDatabase

VISITS = """
    create table public.visit as
    select name, timestamptz '2026-05-14 12:00+00' - day * interval '1 day' as moment
    from unnest(array['ann', 'bob', 'eve']) as name
    cross join generate_series(0, 2) as day
    where name <> 'eve' or day = 2
"""
ACTIVE = "select count(distinct name) as value from public.visit where moment >= %(start)s and moment < %(end)s"


def asked(connections: Connections, *measures: dict[str, Any]) -> Answer:
    common = {"kind": "query", "name": "active_users", "connection": "c"}
    found: Answer = usage.ask(service(usage=[{**common, **each} for each in measures]), connections, DAY)
    return found


@pytest.fixture
def shop(lab: Lab) -> OneDatabase:
    """Three people: two came each day, one the day before yesterday."""
    lab.run(VISITS)
    return OneDatabase(lab.endpoint)


@pytest.mark.baseline
def test_people_of_a_month_are_counted_once(shop: OneDatabase) -> None:
    answer = asked(shop, {"query": ACTIVE}, {"query": ACTIVE, "name": "active_users_month", "days": 30})
    assert (answer.status, answer.summary) == (Status.OK, "active_users 2; active_users_month 3")
    assert [(metric.name, metric.value) for metric in answer.metrics] == [("active_users", 2), ("active_users_month", 3)]


@pytest.mark.near_miss
def test_the_limits_themselves_are_expected(shop: OneDatabase) -> None:
    assert rules(asked(shop, {"query": ACTIVE, "least": 2, "most": 2})) == []


@pytest.mark.fault
def test_outside_of_the_range_is_found(shop: OneDatabase) -> None:
    answer = asked(shop, {"query": ACTIVE, "least": 3}, {"query": ACTIVE, "name": "users_most", "most": 1})
    assert rules(answer) == [("usage_above", "users_most"), ("usage_below", "active_users")]
    assert answer.findings[1].title == "active_users is 2 (limit 3 count)"
    assert (answer.findings[1].severity, answer.findings[1].value, answer.findings[1].limit) == (Severity.MEDIUM, 2, 3)


def test_a_ratio_carries_what_it_is_made_of(shop: OneDatabase) -> None:
    query = "select 0.25::numeric as value, 5 as numerator, 20::int8 as denominator, 20 as n"
    (metric,) = asked(shop, {"query": query, "unit": "1"}).metrics
    assert (metric.value, metric.numerator, metric.denominator, metric.n) == (0.25, 5, 20, 20)
    (odd,) = asked(shop, {"query": "select 1 as value, 'NaN'::numeric as numerator, 0 as denominator"}).metrics
    assert (odd.value, odd.numerator, odd.denominator, odd.n) == (1, None, 0, None)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select null::int as value", "its source has none"),
        ("select 1 as value where false", "gave 0 rows"),
        ("select 1 as value union all select 2", "gave 2 rows"),
        ("select 1 as number", "cannot be asked"),
        ("select count(*) as value from public.nothing", "does not exist"),
        ("select 'NaN'::float8 as value", "its source has none"),
        ("select 'Infinity'::float8 as value", "its source has none"),
        ("select 'many' as value", "gave value as str and not as a number"),
        ("select interval '5 min' as value", "gave value as timedelta and not as a number"),
        ("select true as value", "gave value as bool and not as a number"),
        ("select 1 as value, 'x' as numerator", "gave numerator as str"),
    ],
)
def test_what_has_no_number_is_unknown_and_not_zero(shop: OneDatabase, query: str, said: str) -> None:
    answer = asked(shop, {"query": query}, {"query": ACTIVE, "name": "fine"})
    assert answer.status is Status.UNKNOWN
    assert said in answer.summary
    assert [metric.name for metric in answer.metrics] == ["fine"]


def test_one_that_is_unknown_hides_no_other(shop: OneDatabase) -> None:
    assert rules(asked(shop, {"query": "select null::int as value", "name": "gone"}, {"query": ACTIVE, "least": 9})) != []


def test_a_query_that_writes_is_refused(shop: OneDatabase, lab: Lab) -> None:
    writes = "with gone as (delete from public.visit returning 1) select count(*) as value from gone"
    assert asked(shop, {"query": writes}).status is Status.UNKNOWN
    assert lab.value("select count(*) from public.visit") == 7


def test_a_range_upside_down_is_refused_by_the_inventory(shop: OneDatabase) -> None:
    with pytest.raises(ValidationError, match="least 3 of active_users is above most 1"):
        asked(shop, {"query": ACTIVE, "least": 3, "most": 1})


def test_a_service_without_any_says_so(shop: OneDatabase) -> None:
    assert asked(shop).summary == "no usage is declared"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A counter that rises by two a minute."""
    past = Past(DAY.start)
    for instance in "ab":
        rising(past, "signups_total", 1, job="web", instance=instance)
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


@needs_prometheus
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sum(increase(signups_total[{range}]))", "active_users 2,880"),
        ("increase(signups_total[{range}])", "gave 2 series"),
        ("sum(gone_total)", "its source has none"),
        ("vector(0) / 0", "its source has none"),
    ],
)
def test_prometheus_is_asked_over_the_period(served: Served, query: str, said: str) -> None:
    assert said in asked(served.connections(), {"kind": "prometheus", "connection": "prometheus", "query": query}).summary
