"""A limit of sessions per target that holds over processes, and is given back by the dead."""

import multiprocessing
import os
import signal
import time
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

import pytest

from tests.store.conftest import Store
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import connected
from upkeep.store.session_limit import slot

FORK = multiprocessing.get_context("fork")


def _work(endpoint: Endpoint, inside: "Synchronized[int]", most: "Synchronized[int]") -> None:
    with connected(endpoint) as connection:
        for _ in range(3):
            with slot(connection, "shop", 2, wait_s=60):
                with inside.get_lock():
                    inside.value += 1
                    most.value = max(most.value, inside.value)
                time.sleep(0.05)
                with inside.get_lock():
                    inside.value -= 1


def _hold(endpoint: Endpoint, taken: Event) -> None:
    with connected(endpoint) as connection, slot(connection, "shop", 1):
        taken.set()
        time.sleep(60)


def test_the_limit_holds_over_processes_and_is_used(store: Store) -> None:
    inside, most = FORK.Value("i", 0), FORK.Value("i", 0)
    children = [FORK.Process(target=_work, args=(store.endpoint, inside, most)) for _ in range(5)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0] * 5
    assert most.value == 2


def test_a_killed_holder_gives_its_slot_back(store: Store) -> None:
    taken = FORK.Event()
    child = FORK.Process(target=_hold, args=(store.endpoint, taken))
    child.start()
    assert taken.wait(20)
    with pytest.raises(BrokenError, match="none of the 1 session that Upkeep may have on shop came free") as caught:
        slot(store.connection, "shop", 1, wait_s=0.3).__enter__()
    assert caught.value.retry
    os.kill(child.pid or 0, signal.SIGKILL)
    child.join()
    with slot(store.connection, "shop", 1, wait_s=20) as number:
        assert number == 1


def test_targets_do_not_wait_for_each_other(store: Store) -> None:
    with connected(store.endpoint) as other, slot(other, "shop", 1), slot(store.connection, "other", 1, wait_s=0) as number:
        assert number == 1


def test_an_error_inside_gives_it_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), slot(store.connection, "shop", 1):
        _ = 1 / 0
    with connected(store.endpoint) as other, slot(other, "shop", 1, wait_s=0) as number:
        assert number == 1
