"""cache: lookups counted exactly."""

from collections.abc import Iterator

import pytest

from tests.checks.service.prometheus_days import AT, DAY, DAY_S, rising, service
from tests.lab import rules
from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.answer import Answer, Status
from upkeep.checks.service.cache import cache
from upkeep.errors import CannotAskError

pytestmark = needs_prometheus


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Caches of 90, 80 and 79 %, one that restarts, one that is seldom asked, and one that was away."""
    past = Past(DAY.start)
    for instance, hits in (("good", 90), ("limit", 80), ("bad", 79)):
        rising(past, "redis_keyspace_hits_total", hits, job="redis", instance=instance)
        rising(past, "redis_keyspace_misses_total", 100 - hits, job="redis", instance=instance)
    again = [(at, float(number % 100)) for number, at in enumerate(AT)]
    past.add("redis_keyspace_hits_total", again, job="redis", instance="again")
    past.add("redis_keyspace_misses_total", again, job="redis", instance="again")
    past.add("redis_keyspace_hits_total", [(at, 0.0) for at in AT], job="redis", instance="seldom")
    past.add("redis_keyspace_misses_total", [(at, float(at > 0) * 999) for at in AT], job="redis", instance="seldom")
    for name in ("hits", "misses"):
        rising(past, f"redis_keyspace_{name}_total", 50, DAY_S // 3, job="redis", instance="away")
    for name in ("hits", "misses"):
        past.add(f"redis_keyspace_{name}_total", [(AT[20], 1.0), (AT[21], float("nan"))], job="redis", instance="broken")
        for copy in "ab":
            rising(past, f"redis_keyspace_{name}_total", 50, job="redis", instance="twice", prometheus_replica=copy)
    for status, by in (("hit", 3), ("miss", 1)):
        rising(past, "memcached_commands_total", by, job="m", instance="m", command="get", status=status)
        rising(past, "memcached_commands_total", 100, job="m", instance="m", command="set", status=status)
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


def asked(served: Served, *instances: str, preset: str = "redis", **thresholds: float) -> Answer:
    caches = [{"name": each, "connection": "prometheus", "preset": preset, "match": f'instance="{each}"'} for each in instances]
    found: Answer = cache.ask(service(caches=caches), served.connections(), DAY, **thresholds)
    return found


@pytest.mark.baseline
def test_a_good_one(served: Served) -> None:
    answer = asked(served, "good")
    assert (answer.status, answer.summary) == (Status.OK, "good: 90 % of 144,000 lookups")
    (metric,) = answer.metrics
    assert (metric.value, metric.numerator, metric.denominator, metric.n) == (0.9, 129_600, 144_000, 144_000)


@pytest.mark.near_miss
def test_the_limit_is_fine(served: Served) -> None:
    assert rules(asked(served, "limit")) == []


@pytest.mark.near_miss
def test_few_lookups_are_not_judged(served: Served) -> None:
    assert rules(asked(served, "seldom")) == []
    assert rules(asked(served, "seldom", min_lookups=999)) == [("low_hit_rate", "seldom")]


@pytest.mark.fault
def test_a_bad_one(served: Served) -> None:
    answer = asked(served, "good", "bad")
    assert rules(answer) == [("low_hit_rate", "bad")]
    assert answer.findings[0].title == "bad answered 113,760 of 144,000 lookups: 79 % (limit 80 %)"


def test_restarts_lose_nothing(served: Served) -> None:
    (metric,) = asked(served, "again").metrics
    assert (metric.value, metric.n) == (0.5, 2 * (1440 - 14))


def test_of_memcached_only_gets_count(served: Served) -> None:
    assert asked(served, "m", preset="memcached", min_lookups=1).summary == "m: 75 % of 5,760 lookups"


def test_one_that_was_away_is_unknown(served: Served) -> None:
    answer = asked(served, "good", "away")
    assert answer.status is Status.UNKNOWN
    assert "away: 479 of 1440 minutes seen" in answer.summary
    assert [metric.labels["cache"] for metric in answer.metrics] == ["good"]


def test_one_that_nobody_scrapes_is_unknown(served: Served) -> None:
    assert asked(served, "none").summary == "none: 0 of 1440 minutes seen"


def test_a_service_without_caches_says_so(served: Served) -> None:
    answer: Answer = cache.ask(service(), served.connections(), DAY)
    assert (answer.status, answer.metrics, answer.summary) == (Status.OK, (), "no cache is declared")


@pytest.mark.parametrize(("instance", "said"), [("broken", "is no number"), ("twice", "once for each prometheus_replica")])
def test_what_cannot_be_counted_is_said(served: Served, instance: str, said: str) -> None:
    with pytest.raises(CannotAskError, match=said):
        asked(served, instance)
