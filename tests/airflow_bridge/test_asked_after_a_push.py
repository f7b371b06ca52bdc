"""What docs/dependencies.md shows for a run after a push is what the weekly DAG takes: one repository, a window that ends now."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from airflow.sdk.definitions.param import ParamsDict

from upkeep.airflow_bridge.run_window import Started, window_for
from upkeep.airflow_bridge.selection import Selection, form
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person, Settings
from upkeep.discovery import discover
from upkeep.targets.repository import CodeRepository
from upkeep.window import Cadence, Window

NOW = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
TEXT = (Path(__file__).parents[2] / "docs/dependencies.md").read_text(encoding="utf-8")
PEOPLE = (Person(name="ann", role="security", slack="U012AB3CD"),)
CODE = tuple(CodeRepository(name=name, owner="ann", path="/srv/code") for name in ("shop-code", "blog"))


def shown() -> list[str]:
    """The conf of each command, as the shell makes it."""
    params = {"$now": f"{NOW:%FT%TZ}", "$week": f"{NOW - timedelta(days=7):%FT%TZ}"}
    found = re.findall(r'(?:"conf\\": |--conf ")(\{.*?\})', TEXT.replace('\\"', '"').replace('"conf": ', '"conf\\": '))
    return [re.sub(r"\$\w+", lambda name: params[name[0]], one) for one in found]


def test_there_are_two_commands() -> None:
    assert len(shown()) == 2


@pytest.mark.parametrize("number", [0, 1])
def test_it_asks_one_repository_about_a_week_that_ends_now(number: int) -> None:
    weekly = tuple(duty for duty in discover() if duty.cadence is Cadence.WEEKLY)
    params = ParamsDict({**form(Inventory(settings=Settings(people=PEOPLE), targets=CODE), weekly)})
    params.update(json.loads(shown()[number]))
    values = params.validate()
    asked = [
        (d.name, t.name) for d in weekly for t in CODE if d.target is CodeRepository and Selection.of(values).includes(d, t.name)
    ]
    assert asked == [(duty, "shop-code") for duty in ("secret_copies", "secret_leaks", "vulnerabilities")]
    window = window_for(Started(NOW), values, Cadence.WEEKLY, ZoneInfo("UTC"))
    assert window == Window(NOW - timedelta(days=7), NOW)
