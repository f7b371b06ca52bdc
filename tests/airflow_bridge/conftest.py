"""A world for the tasks of each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow_bridge.world import INVENTORY, NOTIFY, World
from tests.lab import Lab
from tests.notify.slack_double import CHANNEL, TOKEN, SlackDouble, slack_double
from upkeep.config.inventory import current
from upkeep.notify.wire import SlackEndpoint


@pytest.fixture
def world(reports: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Everything a task needs, without a scheduler."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    from upkeep.airflow_bridge import connections, tasks

    made = World(reports, tmp_path, tasks, dict.fromkeys(("shop_db", "upkeep_db"), reports.endpoint))
    monkeypatch.setattr(tasks, "get_current_context", lambda: made.context)
    monkeypatch.setattr(connections.AirflowConnections, "postgres", lambda _, name: made.endpoints[name])
    monkeypatch.setattr(connections, "store", lambda: made.endpoints["upkeep_db"])
    current.cache_clear()
    made.run()
    tasks.begin()
    yield made
    current.cache_clear()


@pytest.fixture
def slack(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackDouble]:
    """A Slack that the world's inventory names."""
    from upkeep.airflow_bridge import connections

    with slack_double() as double:
        bot = SlackEndpoint(kind="bot", url=f"{double.url}/api/", token=TOKEN, channel=CHANNEL)
        monkeypatch.setattr(connections, "slack", lambda *_: bot)
        world.inventory(NOTIFY)
        yield double
