"""The web tier of the demo: its past is found by the programme as it really was, and its server goes on with the log."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml

from tests.lab import Lab
from upkeep.demo.made_up import _by, _in_order
from upkeep.demo.web import api_past, made, past
from upkeep.demo.web.__main__ import Shop
from upkeep.demo.web.story import BAD, OUTAGE, SLOW, Story
from upkeep.demo.web.traffic import lines_of_hour
from upkeep.discovery import discover, find
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import save
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window

END = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def of_day(back: int) -> Window:
    return Window(END - (back + 1) * DAY, END - back * DAY)


@pytest.fixture
def service(reports: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Its past in files and rows; fewer days than the demo has."""
    monkeypatch.setattr(made, "DAYS", 22)
    made.make(reports.session(), tmp_path, END, END)
    return Service.model_validate(yaml.safe_load(made.inventory(tmp_path))["services"][0])


def test_the_first_day_shows_the_bad_release_and_nothing_else(reports: Lab, service: Service) -> None:
    connection = reports.session()
    duties = [d for d in discover() if past.is_asked(d, service) and isinstance(service, d.target) and d.cadence is Cadence.DAILY]
    found: dict[str, list[str]] = {}
    for back in (2, 1, 0):
        for duty in _in_order(duties):
            by = _by(duty, of_day(back))
            answer = past.answer_of(connection, duty, service, of_day(back), by)
            save(connection, duty, service.name, of_day(back), answer, by)
            if back == 1 and duty.name in {"golden_signals", "deployments"}:
                assert answer.findings == ()
            found[duty.name] = [finding.rule for finding in answer.findings]
    assert found["golden_signals"] == ["error_rate"]
    assert found["deployments"] == ["worse_deployment"]
    assert "burn_page" in found["slo"]


def test_the_slow_release_is_seen_in_its_day(reports: Lab, service: Service) -> None:
    window = of_day(SLOW[0].days)
    duty = find("golden_signals")
    answer = past.answer_of(reports.session(), duty, service, window, _by(duty, window))
    assert [finding.rule for finding in answer.findings] == ["slow"]


def test_the_same_hour_has_the_same_lines_and_the_outage_fails_all() -> None:
    story = Story(END)
    start, end = story.span(OUTAGE)
    hour = start.replace(minute=0)
    lines = [line for n in range(2) for line in lines_of_hour(hour + n * timedelta(hours=1), story)]
    assert lines == [line for n in range(2) for line in lines_of_hour(hour + n * timedelta(hours=1), story)]
    inside = [line for line in lines if start <= made.moment_of(line) < end - timedelta(seconds=1)]
    assert inside
    assert all('" 503 ' in line for line in inside)
    assert not [line for line in lines if '" 503 ' in line and not start <= made.moment_of(line) <= end]


def test_every_release_that_was_taken_back_is_followed_by_a_good_one() -> None:
    releases = sorted(Story(END).releases(), key=lambda release: release.began)
    back = [place for place, release in enumerate(releases) if release.status == "rolled back"]
    assert len(back) == 2
    assert all(releases[place + 1].unplanned for place in back)
    assert len({release.number for release in releases}) == len(releases)
    assert releases[back[-1]].began == END - BAD[0]


def test_the_release_that_made_the_api_slow_is_the_only_bad_one_of_its_week() -> None:
    releases = list(Story(END).releases_of_api(api_past.SLOW, api_past.DAYS))
    bad = [release for release in releases if release.failed_at]
    assert [release.began for release in bad] == [END - api_past.SLOW[0]]
    assert max(releases, key=lambda release: release.began).unplanned
    week = [release for release in releases if release.began > END - 7 * DAY]
    assert len(bad) / len(week) < 0.15, "else the flow of the week is a finding, too"


def test_each_service_has_its_own_releases(reports: Lab, service: Service) -> None:
    query = "select service, count(*), count(failed_at) from upkeep.deployment group by service order by service"
    told = reports.session().execute(query).fetchall()
    assert [name for name, _, _ in told] == ["shop-api", service.name]
    assert [failed for _, _, failed in told] == [1, 2]


def test_made_again_it_is_the_same(reports: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "DAYS", 2)
    monkeypatch.setattr("upkeep.demo.web.story.DAYS", 2)
    seen = []
    for _ in range(2):
        made.make(reports.session(), tmp_path, END, END)
        files = {file.name: (file.read_bytes(), file.stat().st_mtime) for file in made.folder(tmp_path).iterdir()}
        rows = reports.session().execute("select deployment, status from upkeep.deployment order by 1").fetchall()
        seen.append((files, rows))
    assert seen[0] == seen[1]
    assert len(seen[0][0]) == 3


def test_the_server_answers_writes_its_log_and_counts(shop: tuple[Shop, str, Path]) -> None:
    _, address, folder = shop
    assert httpx.get(f"{address}/products/6").text == "lamp 7"
    assert httpx.get(f"{address}/orders/1").status_code == 500, "there is no such table"
    assert httpx.get(f"{address}/api/stock/6").text == "lamp 7"
    counters = httpx.get(f"{address}/metrics").text.splitlines()
    assert 'http_requests_total{route="/api/stock",code="200"} 1' in counters
    assert 'http_request_duration_seconds_count{route="/api/stock"} 1' in counters
    assert 'http_requests_total{route="/api/basket",code="500"} 0' in counters, "a counter is there before it counts"
    place = yaml.safe_load(made.inventory(folder))["services"][0]
    (folder / "web" / "log").mkdir(parents=True)
    (folder / "access.log").rename(folder / "web" / "log" / "access.log")
    signals = Service.model_validate(place).signals.open(NOWHERE)
    now = datetime.now(UTC)
    told = signals.tell(Window(now - timedelta(minutes=5), now + timedelta(minutes=5)), 0.5)
    assert (told.minutes.total.requests, told.minutes.total.errors) == (2, 1)
