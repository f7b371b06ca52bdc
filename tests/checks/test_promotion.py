"""A server is promoted between the question whether it is a standby and those that follow: nothing crashes or is invented."""

import pytest

from tests.checks.test_every_check import CHECKS, HEALTHY, IDS, PLANTED, TODAY
from tests.lab import Lab, rules
from tests.replica import wait_until
from upkeep.checks.database.replica_delay import replica_delay
from upkeep.duty import Duty
from upkeep.sources.postgres import Postgres


@pytest.fixture
def promoted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A primary that says that it is a standby, as it was a moment ago."""
    monkeypatch.setattr(Postgres, "in_recovery", True)
    return lab


@pytest.mark.near_miss
@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_every_check_of_a_server_that_was_promoted_meanwhile(promoted: Lab, duty: Duty) -> None:
    answer = promoted.ask(duty, window=TODAY, **HEALTHY.get(duty.name, {}))
    assert [f for f in answer.findings if f.rule not in PLANTED.get(duty.name, set())] == []


@pytest.mark.near_miss
def test_one_that_still_has_the_address_of_its_primary_is_no_replica(promoted: Lab) -> None:
    promoted.run("alter system set primary_conninfo = 'host=nowhere'")
    promoted.run("select pg_reload_conf()")
    try:
        wait_until(promoted.server, "select current_setting('primary_conninfo') <> ''")
        assert rules(promoted.ask(replica_delay)) == []
    finally:
        promoted.run("alter system reset primary_conninfo")
        promoted.run("select pg_reload_conf()")
