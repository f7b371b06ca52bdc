"""`upkeep scan`: what is known to be broken in a folder, without Airflow and without a report database."""

import argparse
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from upkeep.advisories.histories import GitHistories
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.places import Advisories, is_api
from upkeep.advisories.repository import Contents, contents
from upkeep.advisories.scan import Scanned, scan
from upkeep.cli import scan_cyclonedx, scan_json, scan_sarif, scan_table
from upkeep.cli.out import PERSON_NEEDED, WELL, complain, say, shown_progress
from upkeep.errors import BrokenError, CannotAskError, UpkeepError
from upkeep.humanize import plural
from upkeep.sources.folder_tree import FolderTree
from upkeep.sources.objects import open_store
from upkeep.sources.osv_api import PUBLIC
from upkeep.sources.repository import Repository, folder_repository, git_folder, local_repository

UNCHECKED = 3
PLACE = "UPKEEP_ADVISORIES"
_PLACES = (
    "a folder or bucket (file://, s3://, gs://, abfs://) of OSV dumps, or the address of an OSV API; "
    f"by default {PLACE}, else {PUBLIC}"
)
_HISTORIES = "fetch commits of the repositories that advisories are about, to judge dependencies by git"
_NO_PAST = "the files are as they are now: only a git repository, named by its top folder, tells how they were on a day"
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
    made.add_argument("--histories", action="store_true", help=_HISTORIES)
    made.add_argument("--format", choices=list(_FORMATS), default="table", help="how it is printed; by default a table")


def scan_now(given: argparse.Namespace) -> int:
    """Read, look up, judge, print. 0 nothing, 1 found, 2 wrong use, 3 could not check."""
    if not (given.path.is_dir() or given.path.is_file()):
        raise UpkeepError(f"there is no file or folder {given.path}")
    if not given.advisories:
        raise UpkeepError("--advisories names no place")
    at = _end_of(given.as_of)
    try:
        with shown_progress() as progress, _opened(given.path, at, past=given.as_of is not None) as opened:
            progress("read", str(given.path))
            repository = contents(opened)
            count = plural(len(repository.located), "package")
            progress("look up", f"{count} of {plural(len(repository.files), 'file')} at {given.advisories}")
            known = _knowledge(given.advisories, repository, GitHistories(public=given.histories))
            progress("judge", f"{plural(len(known.advisories), 'advisory', 'advisories')}")
            scanned = scan(repository, known, at)
            if given.as_of and opened.commit is None:
                scanned = replace(scanned, notes=(_NO_PAST, *scanned.notes))
    except (BrokenError, CannotAskError) as error:
        complain(error)
        return UNCHECKED
    except UpkeepError:
        raise
    except Exception as error:  # noqa: BLE001 - 1 would say that something was found
        complain(BrokenError(f"the scan failed: {type(error).__name__}: {error}", "this is a fault of Upkeep", retry=False))
        return UNCHECKED
    say(_FORMATS[given.format](scanned))
    return PERSON_NEEDED if scanned.found else (UNCHECKED if scanned.open_questions else WELL)


@contextmanager
def _opened(path: Path, at: datetime, *, past: bool) -> Iterator[Repository]:
    """A folder as it is now; of a git repository its commit of a past day, of a bare one always; one file by itself."""
    if path.is_file():
        yield Repository(path.name, _OneFile(FolderTree(path.parent), path.name))
    elif (folder := git_folder(path)) and (past or folder == path):
        with local_repository(path.name, path, at) as found:
            yield found
    else:
        yield folder_repository(path.name, path)


@dataclass(frozen=True, slots=True)
class _OneFile:
    """One file of a folder; others are only read where it names them."""

    folder: FolderTree
    name: str

    def paths(self) -> Sequence[str]:
        return (self.name,)

    def submodules(self) -> Sequence[str]:
        return ()

    def read(self, path: str, limit: int) -> bytes | None:
        return self.folder.read(path, limit)


def _knowledge(place: str, repository: Contents, histories: GitHistories) -> Knowledge:
    url = place if urlsplit(place).scheme else Path(place).absolute().as_uri()
    try:
        return Advisories(place, None if is_api(place) else open_store(url), histories).about(repository.located)
    except (ImportError, ValueError) as error:
        raise UpkeepError(f"no way to reach the advisories at {place}: {error}") from error
    except OSError as error:
        raise BrokenError(f"the advisories at {place} are out of reach: {error}", retry=True) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text} is no day such as 2026-03-31") from error


def _end_of(day: date | None) -> datetime:
    """The end of a day, or now where that is earlier: nothing is known of what comes."""
    now = datetime.now(UTC)
    return now if day is None or day >= now.date() else datetime.combine(day, time.min, UTC) + timedelta(days=1)
