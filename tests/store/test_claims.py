"""One process at a time has a claim: it ends with its holder however that dies, and a holder that lives is not robbed."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.kill.proxy import Proxy
from tests.pgbouncer import pgbouncer
from tests.store.conftest import PROVENANCE, Store, day
from upkeep.backups.registry import Registry
from upkeep.errors import BrokenError, ClaimedError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected
from upkeep.store.backups import StoredRegistry
from upkeep.store.claims import BEAT_S, STALE_S, WAIT_S, Times

FORK = multiprocessing.get_context("fork")
QUICK = Times(wait_s=0.3)
SHORT = Times(wait_s=10, beat_s=0.2, stale_s=2)

Opened = Callable[..., StoredRegistry]


@pytest.fixture
def opened(store: Store) -> Iterator[Opened]:
    """Registries, each with a connection of its own."""
    with ExitStack() as stack:

        def one(times: Times = QUICK, endpoint: Endpoint = store.endpoint) -> StoredRegistry:
            connection = stack.enter_context(connected(endpoint))
            return StoredRegistry(connection, day(0), PROVENANCE, times=times)

        yield one


@pytest.fixture
def registry(opened: Opened) -> Registry:
    return opened()


@pytest.fixture
def other(opened: Opened) -> Registry:
    return opened()


def is_free(registry: Registry, *names: str) -> bool:
    try:
        with registry.claimed(*names):
            return True
    except BrokenError:
        return False


def hold(endpoint: Endpoint, names: list[str], times: Times, taken: Event, seconds: float = 120) -> None:
    """In a process of its own."""
    with connected(endpoint, "holder") as connection:
        registry = StoredRegistry(connection, day(0), PROVENANCE, times=times)
        with registry.claimed(*names):
            taken.set()
            time.sleep(seconds)


@pytest.fixture
def holder() -> Iterator[Callable[..., int]]:
    """Starts a process that holds claims; its id."""
    children = []

    def started(endpoint: Endpoint, *names: str, times: Times = Times()) -> int:  # noqa: B008 - frozen
        taken = FORK.Event()
        child = FORK.Process(target=hold, args=(endpoint, list(names), times, taken))
        child.start()
        children.append(child)
        assert taken.wait(20)
        return child.pid or 0

    yield started
    for child in children:
        child.kill()
        child.join()


def test_one_at_a_time(registry: Registry, other: Registry) -> None:
    with registry.claimed("shop"):
        registry.assert_claimed("shop")
        assert not is_free(other, "shop")
        with other.claimed("crm"):
            other.assert_claimed("crm")
            with pytest.raises(BrokenError, match="the claim on shop was lost"):
                other.assert_claimed("shop")
    with other.claimed("shop"):
        other.assert_claimed("shop")


def test_who_waits_is_told_who_has_it_and_since_when(opened: Opened, registry: Registry) -> None:
    messages: list[str] = []
    with (
        registry.claimed("shop"),
        pytest.raises(BrokenError) as caught,
        opened(Times(wait_s=0.5)).claimed("shop", say=messages.append),
    ):
        pass
    here = f"shop: claimed by {os.uname().nodename}, process {os.getpid()}, daily/scheduled__1/database.sequences since "
    assert here in caught.value.reason
    assert f"since {datetime.now(UTC):%Y-%m-%d}" in caught.value.reason
    assert "waited 0.5 s" in caught.value.reason
    assert len(messages) == 1
    assert here in messages[0]
    assert "60 s" in caught.value.remedy
    assert caught.value.retry


def test_all_or_none(registry: Registry, other: Registry, opened: Opened) -> None:
    with registry.claimed("b"):
        assert not is_free(other, "a", "b", "c")
        assert is_free(opened(), "a", "c")
    with other.claimed("a", "b", "c"):
        other.assert_claimed("a", "b", "c")
        assert not is_free(registry, "c")


def test_one_name_too_many_is_lost(registry: Registry) -> None:
    with registry.claimed("a"), pytest.raises(BrokenError, match="the claim on b was lost"):
        registry.assert_claimed("a", "b")
    with pytest.raises(BrokenError, match="the claim on a was lost"):
        registry.assert_claimed("a")


def test_what_is_held_already_stays_held(registry: Registry, other: Registry) -> None:
    with registry.claimed("a"):
        with registry.claimed("b", "a"):
            registry.assert_claimed("a", "b")
        registry.assert_claimed("a")
        assert not is_free(other, "a")
        assert is_free(other, "b")


@pytest.mark.parametrize("name", ["", "Shop ä/1", "a\x00b", "x" * 500, "backups of shop; --", "\udc80"])
def test_any_text_is_a_name(registry: Registry, other: Registry, name: str) -> None:
    with registry.claimed(name):
        registry.assert_claimed(name)
        assert not is_free(other, name)
    assert is_free(other, name)


def test_an_error_inside_gives_the_claim_back(registry: Registry, other: Registry) -> None:
    with pytest.raises(ZeroDivisionError), registry.claimed("shop"):
        _ = 1 / 0
    assert is_free(other, "shop")


def test_nothing_is_left_of_a_claim_that_ended_well(store: Store, registry: Registry) -> None:
    with registry.claimed("a", "b"):
        assert store.value("select count(*) from upkeep.claim") == 2
    assert store.value("select count(*) from upkeep.claim") == 0


def test_two_names_in_opposite_order_do_not_lock_each_other_out(opened: Opened) -> None:
    registries = [opened(Times(wait_s=60)) for _ in range(6)]
    inside: list[int] = []

    def work(number: int) -> None:
        names = ("a", "b") if number % 2 else ("b", "a")
        for _ in range(5):
            with registries[number].claimed(*names):
                inside.append(number)
                assert len(inside) == 1
                time.sleep(0.005)
                inside.pop()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [None] * 6


def test_many_that_come_at_once_get_it_one_after_another(opened: Opened) -> None:
    registries = [opened(QUICK) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool, ExitStack() as stack:

        def grab(registry: StoredRegistry) -> bool:
            try:
                stack.enter_context(registry.claimed("shop"))
            except BrokenError:
                return False
            return True

        assert sum(pool.map(grab, registries)) == 1


def test_a_lost_connection_loses_the_claim(store: Store, other: Registry) -> None:
    with connected(store.endpoint) as lost:
        registry = StoredRegistry(lost, day(0), PROVENANCE, times=QUICK)
        with registry.claimed("shop"):
            store.run("select pg_terminate_backend(%s)", [lost.info.backend_pid])
            with pytest.raises(BrokenError) as caught:
                registry.assert_claimed("shop")
        assert caught.value.retry
        with pytest.raises(BrokenError, match="was lost") as again:
            registry.assert_claimed("shop")
        assert again.value.retry
        with other.claimed("shop"):
            other.assert_claimed("shop")


@pytest.mark.fault
def test_a_killed_process_gives_its_claims_back_at_once(store: Store, opened: Opened, holder: Callable[..., int]) -> None:
    pid = holder(store.endpoint, "shop", "copy")
    assert not is_free(opened(), "shop")
    os.kill(pid, signal.SIGKILL)
    begun = time.monotonic()
    with opened(Times(wait_s=STALE_S)).claimed("shop", "copy"):
        assert time.monotonic() - begun < STALE_S / 2, "far sooner than a claim whose holder nobody knows to be dead"


@pytest.mark.fault
def test_a_dead_holder_whose_session_a_proxy_keeps_alive_is_given_up(
    store: Store, opened: Opened, holder: Callable[..., int]
) -> None:
    proxy = Proxy(store.endpoint.port)
    proxy.start()
    try:
        pid = holder(replace(store.endpoint, port=proxy.port), "shop", times=SHORT)
        proxy.pause()
        os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        with opened(SHORT).claimed("shop"):
            assert SHORT.stale_s * 0.5 < time.monotonic() - begun, "after `wait_s` it would have been refused"
            there = "select count(*) from pg_stat_activity where application_name = 'holder'"
            assert store.value(there) == 1, "the server still has the dead holder's session"
    finally:
        proxy.stop()


@pytest.mark.fault
def test_a_holder_that_was_robbed_notices(store: Store, opened: Opened, holder: Callable[..., int]) -> None:
    sleeper = opened(Times(wait_s=1, beat_s=60, stale_s=0.5))
    with sleeper.claimed("shop"):
        time.sleep(0.7)
        with opened(Times(wait_s=1, stale_s=0.5)).claimed("shop"), pytest.raises(BrokenError, match="was lost"):
            sleeper.assert_claimed("shop")
    pid = holder(store.endpoint, "shop", times=SHORT)
    os.kill(pid, signal.SIGSTOP)
    with opened(SHORT).claimed("shop"):
        os.kill(pid, signal.SIGCONT)
        time.sleep(3 * SHORT.beat_s)
        assert not is_free(opened(replace(SHORT, wait_s=0.5)), "shop")


def test_what_a_robbed_holder_ends_is_its_own(opened: Opened) -> None:
    sleeper, thief = opened(Times(wait_s=1, beat_s=60, stale_s=0.5)), opened(Times(wait_s=1, stale_s=0.5))
    with ExitStack() as stack:
        with sleeper.claimed("shop"):
            time.sleep(0.7)
            stack.enter_context(thief.claimed("shop"))
        thief.assert_claimed("shop")


def test_a_slow_but_living_holder_is_not_robbed(opened: Opened) -> None:
    busy = opened(SHORT)
    with busy.claimed("shop"):
        begun = time.monotonic()
        while time.monotonic() - begun < 2 * SHORT.stale_s:
            sum(range(10000))  # the interpreter is busy all the time
        assert not is_free(opened(replace(SHORT, wait_s=0.5)), "shop")
        busy.assert_claimed("shop")


@pytest.mark.fault
def test_a_heartbeat_that_lost_its_connection_makes_another(store: Store, opened: Opened) -> None:
    ends = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'upkeep heartbeat'"
    steady = opened(SHORT)
    with steady.claimed("shop"):
        time.sleep(3 * SHORT.beat_s)
        assert store.value(ends) == 1
        time.sleep(1.5 * SHORT.stale_s)
        assert not is_free(opened(replace(SHORT, wait_s=0.5)), "shop")
        steady.assert_claimed("shop")


@pytest.mark.parametrize("mode", ["session", "transaction"])
@pytest.mark.fault
def test_through_a_pooler_a_claim_holds_and_ends_with_the_heartbeat(
    store: Store, opened: Opened, holder: Callable[..., int], tmp_path: Path, mode: str
) -> None:
    tmp_path.chmod(0o755)
    with pgbouncer(tmp_path / "pool", store.endpoint, mode) as endpoint:
        pid = holder(endpoint, "shop", times=SHORT)
        time.sleep(1.5 * SHORT.stale_s)
        assert not is_free(opened(replace(SHORT, wait_s=0.5), endpoint), "shop")
        assert not is_free(opened(replace(SHORT, wait_s=0.5)), "shop")
        os.kill(pid, signal.SIGKILL)
        with opened(SHORT, endpoint).claimed("shop"):
            assert not is_free(opened(), "shop")


@pytest.fixture
def abroad(store: Store) -> Iterator[Endpoint]:
    """The report database with a time zone of its own."""
    store.run(f"alter database \"{store.endpoint.database}\" set timezone = 'Asia/Tokyo'")
    yield store.endpoint
    store.run(f'alter database "{store.endpoint.database}" reset timezone')


def test_through_a_pooler_nothing_is_left_on_the_report_databases_sessions(abroad: Endpoint, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    tracked = ["application_name", "client_encoding", "TimeZone", "DateStyle", "standard_conforming_strings"]  # by PgBouncer
    changed = "select name from pg_settings where source = 'session' and name <> all(%s)"
    with pgbouncer(tmp_path / "pool", abroad, "transaction", size=1) as endpoint, connected(endpoint) as connection:
        registry = StoredRegistry(connection, day(0), PROVENANCE, times=SHORT)
        with registry.claimed("shop"):
            time.sleep(2 * SHORT.beat_s)
            registry.assert_claimed("shop")
            with endpoint.connect("another client") as other:
                assert other.execute(changed, [tracked]).fetchall() == []
                assert other.execute("show timezone").fetchone() == ("Asia/Tokyo",)
                assert connection.execute("show timezone").fetchone() == ("UTC",)


def test_a_dead_claim_is_waited_for_longer_than_it_lasts() -> None:
    assert BEAT_S * 3 < STALE_S < WAIT_S


def test_without_waiting_a_claim_of_another_is_told_at_once(registry: Registry, opened: Opened) -> None:
    patience = Times(wait_s=60)
    patient = opened(patience)
    with registry.claimed("backup 1"):
        begun = time.monotonic()
        with pytest.raises(ClaimedError, match=r"^backup 1: claimed by "), patient.claimed("backup 1", wait=False):
            pass
        assert time.monotonic() - begun < patience.wait_s / 2
        with patient.claimed("backup 2", wait=False):
            assert not is_free(registry, "backup 2")
    with patient.claimed("backup 1", wait=False):
        assert not is_free(registry, "backup 1")
