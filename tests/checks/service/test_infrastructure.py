"""infrastructure: each host, disk and container by itself."""

from collections.abc import Iterator

import pytest

from tests.checks.service.prometheus_days import AT, DAY, DAY_S, level, rising, service
from tests.lab import rules
from tests.prometheus_lab import Past, Served, needs_prometheus, prometheus
from upkeep.answer import Answer, Status
from upkeep.checks.service.infrastructure import infrastructure

pytestmark = needs_prometheus


def _host(past: Past, instance: str, *, busy: float, memory: float, disk: float, last: float = DAY_S + 1) -> None:
    job = {"job": "node", "instance": instance}
    level(past, "up", 1, last, **job)
    rising(past, "node_cpu_seconds_total", 60 * (1 - busy), last, mode="idle", cpu="0", **job)
    rising(past, "node_cpu_seconds_total", 60 * busy, last, mode="user", cpu="0", **job)
    level(past, "node_memory_MemTotal_bytes", 100, last, **job)
    level(past, "node_memory_MemAvailable_bytes", 100 * (1 - memory), last, **job)
    level(past, "node_filesystem_size_bytes", 100, last, mountpoint="/", fstype="ext4", **job)
    level(past, "node_filesystem_avail_bytes", 100 * (1 - disk), last, mountpoint="/", fstype="ext4", **job)
    level(past, "node_filesystem_size_bytes", 100, last, mountpoint="/run", fstype="tmpfs", **job)
    level(past, "node_filesystem_avail_bytes", 0, last, mountpoint="/run", fstype="tmpfs", **job)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Hosts that are fine, at their limits, past them, and gone at eight; a pod that restarts; a probe that is slow."""
    past = Past(DAY.start)
    _host(past, "fine", busy=0.2, memory=0.3, disk=0.5)
    _host(past, "near", busy=0.69, memory=0.79, disk=0.79)
    _host(past, "over", busy=0.9, memory=0.9, disk=0.95)
    level(past, "node_memory_MemTotal_bytes", 0, job="node", instance="none")
    level(past, "node_memory_MemAvailable_bytes", 1, job="node", instance="none")
    for job in ("node", "again"):
        level(past, "node_memory_MemTotal_bytes", 100, job=job, instance="twice")
        level(past, "node_memory_MemAvailable_bytes", 40, job=job, instance="twice")
    _host(past, "gone", busy=0.2, memory=0.3, disk=0.5, last=8 * 3600)
    for pod, restarts in (("calm", 3), ("loops", 40)):
        samples = [(at, 10.0 + max(0, min(restarts, (at - 3600) // 60))) for at in AT]
        past.add(
            "kube_pod_container_status_restarts_total", samples, namespace="n", pod=pod, container="c", job="kube", instance="k"
        )
    told_by = (("x", 0, DAY_S // 3), ("y", DAY_S // 3, DAY_S + 1), ("z", DAY_S // 2, DAY_S // 4 * 3))
    for instance, first, last in told_by:  # one after the other, and one beside it
        samples = [(at, at // 3600 + 10.0) for at in AT if first <= at < last]
        past.add(
            "kube_pod_container_status_restarts_total",
            samples,
            namespace="n",
            pod="moved",
            container="c",
            job="moved",
            instance=instance,
        )
    for instance, seconds in (("https://near", 0.3), ("https://far", 0.4)):
        level(past, "probe_duration_seconds", seconds, job="blackbox", instance=instance)
        past.add("probe_success", [(at, float(not 0 < at <= 600)) for at in AT], job="blackbox", instance=instance)
    with prometheus(tmp_path_factory.mktemp("prometheus"), past) as made:
        yield made


def asked(served: Served, match: str, preset: str = "node", **thresholds: float) -> Answer:
    place = {"connection": "prometheus", "preset": preset, "match": match}
    found: Answer = infrastructure.ask(service(infrastructure=[place]), served.connections(), DAY, **thresholds)
    return found


@pytest.mark.baseline
def test_a_host_that_is_fine(served: Served) -> None:
    answer = asked(served, 'instance="fine"')
    assert (answer.status, answer.summary) == (Status.OK, "3 numbers of 2 things")
    values = {metric.name: (round(metric.value, 6), metric.labels["object"], metric.n) for metric in answer.metrics}
    assert values == {"cpu": (0.2, "fine", 288), "memory": (0.3, "fine", 288), "disk": (0.5, "fine /", 288)}


@pytest.mark.near_miss
def test_a_host_at_its_limits_is_fine(served: Served) -> None:
    assert rules(asked(served, 'instance="near"')) == []
    assert rules(asked(served, 'pod="calm"', "kubernetes")) == []


@pytest.mark.fault
def test_a_host_past_them_is_found(served: Served) -> None:
    answer = asked(served, 'instance=~"fine|over"')
    assert rules(answer) == [("cpu", "over"), ("disk", "over /"), ("memory", "over")]
    assert answer.findings[1].title == "over /: 95 % of the disk was full (limit 80 %)"


@pytest.mark.fault
def test_restarts_are_counted(served: Served) -> None:
    answer = asked(served, 'job="kube"', "kubernetes")
    assert [(each.object, each.value) for each in answer.findings] == [("n loops c", 40.0)]


@pytest.mark.fault
def test_a_slow_probe_and_one_that_failed(served: Served) -> None:
    answer = asked(served, 'job="blackbox"', "blackbox")
    assert rules(answer) == [("latency", "https://far"), ("up", "https://far"), ("up", "https://near")]


def test_a_host_that_is_gone_is_unknown(served: Served) -> None:
    answer = asked(served, 'instance=~"fine|gone"')
    assert answer.status is Status.UNKNOWN
    assert "too few samples of gone, gone /" in answer.summary
    assert {metric.labels["object"] for metric in answer.metrics} == {"fine", "fine /"}


def test_matchers_of_nothing_are_unknown(served: Served) -> None:
    assert asked(served, 'instance="none"').summary == "nothing was found"
    assert asked(served, 'instance="none"').status is Status.UNKNOWN


def test_thresholds_may_be_set(served: Served) -> None:
    assert rules(asked(served, 'instance="fine"', max_cpu=0.1)) == [("cpu", "fine")]


def test_a_service_that_declares_nothing_says_so(served: Served) -> None:
    answer: Answer = infrastructure.ask(service(), served.connections(), DAY)
    assert (answer.status, answer.metrics, answer.evidence) == (Status.OK, (), {"declare": "infrastructure of the service"})


def test_an_unknown_preset_is_said() -> None:
    with pytest.raises(ValueError, match='no preset "nodes"'):
        service(infrastructure=[{"connection": "c", "preset": "nodes", "match": "x"}])


def test_what_is_divided_by_nothing_has_no_number(served: Served) -> None:
    answer = asked(served, 'instance="none"')
    assert [metric for metric in answer.metrics if metric.name == "memory"] == []


def test_a_host_of_two_jobs_is_one(served: Served) -> None:
    answer = asked(served, 'instance="twice"')
    assert [(metric.name, round(metric.value, 6)) for metric in answer.metrics] == [("memory", 0.6)]


def test_restarts_are_counted_once_whoever_tells_of_them(served: Served) -> None:
    answer = asked(served, 'pod="moved"', "kubernetes")
    assert [(metric.name, metric.value, metric.n) for metric in answer.metrics] == [("restarts", 24, 1440)]
