"""The clock that must not be looked at: it catches every way of looking, and nothing else."""

import time
from datetime import UTC, date, datetime
from types import ModuleType

import pytest

from tests.clock import LookedAtClockError, dated_duties_without_a_clock, poisoned_clock
from upkeep import window as looked_at
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.discovery import discover

LOOKS = ("datetime.now(UTC)", "datetime.utcnow()", "datetime.today()", "date.today()", "clock()")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A module of the package that knows all the ways."""
    for name, value in {"datetime": datetime, "date": date, "UTC": UTC, "clock": time.time}.items():
        monkeypatch.setattr(looked_at, name, value, raising=False)
    return looked_at


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_is_caught_and_only_while_inside(module: ModuleType, look: str) -> None:
    with poisoned_clock(), pytest.raises(LookedAtClockError):
        eval(look, vars(module))  # noqa: S307 - the texts above
    assert eval(look, vars(module))  # noqa: S307


def test_values_of_time_are_what_they_were(module: ModuleType) -> None:
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    with poisoned_clock():
        kind = vars(module)["datetime"]
        assert isinstance(moment, kind)
        assert kind(2026, 6, 1, tzinfo=UTC) == moment
        assert kind.fromisoformat("2026-06-01T00:00:00+00:00") == moment


def test_dated_duties_are_asked_so_and_given_back() -> None:
    before = vulnerabilities.ask
    with dated_duties_without_a_clock() as count:
        assert count == sum(duty.dated for duty in discover()) > 5
        assert vulnerabilities.ask is not before
        assert vulnerabilities.ask.__module__ == before.__module__
    assert vulnerabilities.ask is before
