"""The web tier's past in files and rows, and what the inventory says of it."""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from upkeep.delivery.deployed import Deployed, Outcome
from upkeep.demo.web import api_past, watched
from upkeep.demo.web.settings import NAME as API
from upkeep.demo.web.story import BAD, DAYS, OUTAGE, SLOW, Release, Story
from upkeep.demo.web.traffic import FORMAT, lines_of_hour
from upkeep.store.deployments import StoredDeployments

if TYPE_CHECKING:
    import psycopg

NAME = "shop-web"
_HOUR, _BUILT, _ROLLED_OUT = timedelta(hours=1), timedelta(hours=7), timedelta(minutes=2)


def make(connection: "psycopg.Connection[Any]", home: Path, end: datetime, until: datetime) -> None:
    """
    Access logs of ninety days until `until`, a file a day, and the deployments of that time; `end` is that of the first day.

    Made again they replace themselves: a file appears when it is whole.
    """
    story = Story(end)
    folder(home).mkdir(parents=True, exist_ok=True)
    hour = (end - timedelta(days=DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    while hour < until:
        day = [line for number in range(24) for line in lines_of_hour(hour + number * _HOUR, story)]
        day = day if hour + 24 * _HOUR <= until else [line for line in day if moment_of(line) < until]
        file = folder(home) / f"access.log-{hour:%Y%m%d}.gz"
        _write(file, day, min(hour + 24 * _HOUR, until))
        hour += timedelta(days=1)
    _deploy(connection, NAME, story.releases(), until)
    _deploy(connection, API, story.releases_of_api(api_past.SLOW, api_past.DAYS), until)
    (home / "web" / "truth.json").write_text(json.dumps(truth(story), indent=1), encoding="utf-8")


def truth(story: Story) -> Mapping[str, Any]:
    """What really happened, for whoever wants to compare; nothing of the programme reads it."""
    spans = {"outage": OUTAGE, "slow release": SLOW, "bad release": BAD}
    return {
        **{name: [each.isoformat() for each in story.span(event)] for name, event in spans.items()},
        "releases": sum(1 for _ in story.releases()),
        "taken back": sum(each.status == "rolled back" for each in story.releases()),
    }


def folder(home: Path) -> Path:
    """Where the access log is."""
    return home / "web" / "log"


def inventory(home: Path) -> str:
    """Its part of the inventory."""
    return _INVENTORY.format(name=NAME, place=folder(home).as_uri(), format=FORMAT) + watched.inventory()


def _write(file: Path, lines: list[str], rotated_at: datetime) -> None:
    draft = file.with_suffix(".new")
    draft.write_bytes(gzip.compress("".join(lines).encode(), compresslevel=1, mtime=0))
    os.utime(draft, (rotated_at.timestamp(),) * 2)
    draft.replace(file)


def moment_of(line: str) -> datetime:
    """When a line of the log was written, in UTC."""
    return datetime.strptime(line[line.index("[") + 1 : line.index("]")], "%d/%b/%Y:%H:%M:%S %z").astimezone(UTC)


def _deploy(connection: "psycopg.Connection[Any]", service: str, releases: Iterable[Release], until: datetime) -> None:
    StoredDeployments(connection, service).keep([_deployed(service, each) for each in releases if each.began < until])


def _deployed(service: str, each: Release) -> Deployed:
    return Deployed(
        environment="production",
        deployment=f"{service.removeprefix('shop-')}-{each.number}",
        version=f"2.{each.number}.0",
        commit_id=f"{each.number:040x}",
        committed_at=each.began - (_ROLLED_OUT if each.unplanned else _BUILT),
        started_at=each.began - _ROLLED_OUT,
        finished_at=each.began,
        status=Outcome(each.status),
        source="demo",
        failed_at=each.failed_at,
        failed_why=each.why,
        unplanned=each.unplanned,
        deployed_by="release pipeline",
    )


_INVENTORY = """services:
  - name: {name}
    owner: developer-on-call
    tags: [production]
    runbook: https://wiki.example.com/runbooks/shop-web
    # The log of ninety days is made up, and a small real server goes on with it; web/truth.json says what happened.
    signals:
      kind: access_log
      place: {place}
      format: '{format}'
    slow: 500 ms
    objectives:
      - {{name: availability, goal: 0.999}}
      - {{name: latency, of: slow, goal: 0.98}}
    databases: [shop]
"""
