"""connection_use: the narrowest limit decides, and reserved slots are no room."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.connection_use import connection_use


@pytest.fixture
def app(lab: Lab) -> Iterator[str]:
    """A login role that goes with the test."""
    lab.run('create role "app ä" login')
    yield "app ä"
    lab.stack.close()
    lab.run('drop role "app ä"')


@pytest.mark.baseline
def test_a_quiet_server(lab: Lab) -> None:
    answer = lab.ask(connection_use)
    assert answer.status is Status.OK
    shares = {m.labels["scope"]: m for m in answer.metrics if m.name == "connections_used"}
    assert shares["server"].denominator == 57
    assert shares["walsenders"].value == 0


@pytest.mark.baseline
def test_states_are_counted(lab: Lab) -> None:
    lab.session(autocommit=False).execute("select 1")
    states = {m.labels["state"]: m.value for m in lab.ask(connection_use).metrics if m.name == "connections"}
    assert states["idle_in_transaction"] == 1
    assert states["active"] >= 1
    assert states["other"] == 0


@pytest.mark.near_miss
def test_a_role_just_under_its_limit(lab: Lab, app: str) -> None:
    lab.run(f'alter role "{app}" connection limit 5')
    for _ in range(3):
        lab.session(user=app)
    assert rules(lab.ask(connection_use)) == []


@pytest.mark.near_miss
def test_a_limit_of_zero_closes_a_door_on_purpose(lab: Lab, app: str) -> None:
    lab.run(f'alter role "{app}" connection limit 0')
    assert rules(lab.ask(connection_use)) == []


@pytest.mark.fault
def test_a_role_at_its_limit(lab: Lab, app: str) -> None:
    lab.run(f'alter role "{app}" connection limit 5')
    for number in range(4):
        lab.session(user=app, application=f"worker {number}")
    answer = lab.ask(connection_use)
    assert rules(answer) == [("connections_near_limit", f"role {app}")]
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].details["holders"] == {f"{app}@worker #": 4}
    lab.session(user=app)
    assert lab.ask(connection_use).worst is Severity.CRITICAL


@pytest.mark.fault
def test_a_database_at_its_limit(lab: Lab) -> None:
    lab.run(f'alter database "{lab.database}" connection limit 6')
    for _ in range(4):
        lab.session()
    assert rules(lab.ask(connection_use)) == [("connections_near_limit", f"database {lab.database}")]


@pytest.mark.fault
def test_the_server_near_its_limit(lab: Lab) -> None:
    """57 of 60 slots are for ordinary roles: 46 are 80 % of these, and only 77 % of all."""
    used = lab.value("select count(*) from pg_stat_activity where backend_type = 'client backend'") - 1
    for _ in range(45 - used):
        lab.session(application="shop")
    answer = lab.ask(connection_use)
    assert rules(answer) == [("connections_near_limit", "max_connections")]
    assert "shop" in answer.findings[0].remedy
