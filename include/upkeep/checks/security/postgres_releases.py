"""PostgreSQL servers that miss minor releases, or whose major release ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.formats.postgres_releases import Release, ReleaseTable, Version, release_table, version_of
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.shipped_tables import table, unreadable
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_SHIPPED = Path(__file__).with_suffix(".yaml")
_NOTES = "https://www.postgresql.org/docs/release/"


@dataclass(frozen=True, slots=True)
class ServerNumber:
    """The fields are the columns of the question."""

    number: int


@check(Cadence.MONTHLY, owner="database")
def postgres_releases(
    db: Database, pg: Postgres, *, high_days: float = 30, medium_days: float = 60, warn_days: float = 365, releases_file: str = ""
) -> Answer:
    """
    PostgreSQL servers that miss minor releases, or whose major release ends.

    A minor release only mends: it needs new binaries and a restart, and what it mends is public from that day on. One that is
    called a security release is medium at once and high after `high_days`; others count after `medium_days`. The end of a major
    release is told `warn_days` before. The days stand in a table that ships with Upkeep; `releases_file` names a newer one. A
    release that the table does not know yet is unknown, and so is "nothing is missed" after a day on which releases were due and
    the table ends before. It leaves out fixes that a vendor carries back without a new number, and extensions.
    """
    today = datetime.now(UTC).date()
    version = version_of(pg.measure(__file__, ServerNumber)[0].number)
    known = _table(releases_file)
    missed = known.missed(version, today)
    findings = [*_minor(db, version, missed, today, high_days, medium_days), *_end(db, version, known, today, warn_days)]
    if not findings and (why := _unknown(version, known, today)):
        return Answer.unknown(why, "give a newer table in the threshold releases_file, or update Upkeep")
    days = (today - missed[0].day).days if missed else 0
    text = f"{plural(len(missed), 'minor release')} behind" if missed else "the newest minor release"
    return Answer.judged(
        f"PostgreSQL {_text(version)}: {text} (table of {known.as_of})",
        findings=findings,
        metrics=[
            Metric(name="postgres_releases_missed", value=len(missed), unit=Unit.COUNT),
            Metric(name="postgres_behind", value=days, unit=Unit.DAYS),
        ],
    )


def _table(releases_file: str) -> ReleaseTable:
    try:
        return release_table(table(_SHIPPED, releases_file))
    except ValueError as error:
        raise unreadable(releases_file or _SHIPPED, str(error)) from error


def _unknown(version: Version, known: ReleaseTable, today: date) -> str | None:
    if not known.knows(version):
        return f"PostgreSQL {_text(version)} does not stand in the table of releases, which is of {known.as_of}"
    if due := known.behind_since(today):
        return f"minor releases were due on {due}, and the table of releases is of {known.as_of}"
    return None


def _minor(
    db: Database, version: Version, missed: Sequence[Release], today: date, high_days: float, medium_days: float
) -> Iterator[Finding]:
    if not missed:
        return
    security = [release for release in missed if release.security]
    first = (security or missed)[0]
    age = (today - first.day).days
    limit = high_days if security else medium_days
    if not security and age <= medium_days:
        return
    severity = Severity.LOW if not security else Severity.HIGH if age > high_days else Severity.MEDIUM
    flaws = [flaw for release in security for flaw in release.security]
    what = f"mends {', '.join(flaws[:3])}{f' and {len(flaws) - 3} more' if len(flaws) > 3 else ''}" if flaws else "mends faults"  # noqa: PLR2004 - as many as a line holds
    yield Finding(
        rule="security_release_missed" if security else "minor_release_missed",
        object=db.name,
        severity=severity,
        title=f"PostgreSQL {_text(version)} misses {first.text} of {first.day}, which {what} ({age} days ago, limit {limit:g})",
        remedy=f"install {missed[-1].text} and restart; read the notes of every release between: {_NOTES}{missed[-1].text}/",
        value=age,
        limit=limit,
        unit=Unit.DAYS,
        details={"missed": [release.text for release in missed], "flaws": flaws},
    )


def _end(db: Database, version: Version, known: ReleaseTable, today: date, warn_days: float) -> Iterator[Finding]:
    end = known.end_of_life.get(version[0])
    if end is None or (end - today).days > warn_days:
        return
    past, left = end < today, (end - today).days
    when = f"has ended on {end}" if past else f"ends on {end}, in {left} days (limit {warn_days:g})"
    yield Finding(
        rule="end_of_life",
        object=db.name,
        severity=Severity.HIGH if past else Severity.MEDIUM if left < warn_days / 2 else Severity.LOW,
        title=f"support of PostgreSQL {version[0]} {when}: flaws found after that stay open",
        remedy="upgrade to a major release that is supported; rehearse it on a restored copy first",
        value=left,
        limit=warn_days,
        unit=Unit.DAYS,
        due_by=datetime.combine(end, time(), UTC),
    )


def _text(version: Version) -> str:
    return "{}.{}".format(*version)
