"""`upkeep scan`: what is known to be broken in a folder, without Airflow and without a report database."""

import argparse
import os
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.places import from_api, from_store
from upkeep.advisories.repository import Contents, contents
from upkeep.advisories.scan import Scanned, scan
from upkeep.cli import scan_cyclonedx, scan_json, scan_sarif, scan_table
from upkeep.cli.out import PERSON_NEEDED, WELL, complain, say
from upkeep.cli.restore import shown_progress
from upkeep.errors import BrokenError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.folder import folder_at
from upkeep.sources.objects import open_store
from upkeep.sources.osv_api import PUBLIC, OsvApi

UNCHECKED = 3
PLACE = "UPKEEP_ADVISORIES"
_PLACES = (
    "a folder or bucket (file://, s3://, gs://, abfs://) of OSV dumps, or the address of an OSV API; "
    f"by default {PLACE}, else {PUBLIC}"
)
_FORMATS: Mapping[str, Callable[[Scanned], str]] = {
    "table": scan_table.shown,
    "json": scan_json.shown,
    "sarif": scan_sarif.shown,
    "cyclonedx": scan_cyclonedx.shown,
}


def add_command(command: Callable[..., argparse.ArgumentParser]) -> None:
    """The command with its options."""
    made = command("scan", scan_now, "what is known to be broken in a folder's lockfiles, SBOMs and package databases")
    made.add_argument("path", metavar="PATH", type=Path, help="a folder, or one file")
    made.add_argument("--as-of", metavar="DAY", type=_day, help="what was known at the end of this day (UTC); by default now")
    made.add_argument("--advisories", metavar="FOLDER|URL", default=os.environ.get(PLACE) or PUBLIC, help=_PLACES)
    made.add_argument("--format", choices=list(_FORMATS), default="table", help="how it is printed; by default a table")


def scan_now(given: argparse.Namespace) -> int:
    """Read, look up, judge, print. 0 nothing, 1 found, 2 wrong use, 3 could not check."""
    try:
        folder = folder_at(given.path)
    except BrokenError as error:
        raise UpkeepError(error.reason) from error
    at = _end_of(given.as_of)
    try:
        with shown_progress() as progress:
            progress("read", str(given.path))
            repository = contents(folder.paths(), folder.read)
            count = plural(len(repository.located), "package")
            progress("look up", f"{count} of {plural(len(repository.files), 'file')} at {given.advisories}")
            known = _knowledge(given.advisories, repository)
            progress("judge", f"{plural(len(known.advisories), 'advisory', 'advisories')}")
            scanned = scan(repository, known, at)
    except BrokenError as error:
        complain(error)
        return UNCHECKED
    say(_FORMATS[given.format](scanned))
    return PERSON_NEEDED if scanned.found else (UNCHECKED if scanned.unchecked else WELL)


def _knowledge(place: str, repository: Contents) -> Knowledge:
    scheme = urlsplit(place).scheme
    if scheme in {"http", "https"}:
        with OsvApi(place) as api:
            return from_api(api, repository.located, datetime.now(UTC))
    url = place if scheme else Path(place).absolute().as_uri()
    try:
        return from_store(open_store(url))
    except (ImportError, ValueError) as error:
        raise UpkeepError(f"no way to reach the advisories at {place}: {error}") from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-03-31") from error


def _end_of(day: date | None) -> datetime:
    """The end of a day, or now where that is earlier: nothing is known of what comes."""
    now = datetime.now(UTC)
    return min(now, datetime.combine(day, time.min, UTC) + timedelta(days=1)) if day else now
