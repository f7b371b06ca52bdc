"""Machines whose packages wait for updates, or whose system ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.security.supported import ended, support_days, unlisted
from upkeep.duty import History, check
from upkeep.errors import BrokenError
from upkeep.formats.host_report import HostReport, ReportError, Update, host_report
from upkeep.formats.support_dates import SupportTable
from upkeep.humanize import plural
from upkeep.record import Record
from upkeep.sources.connections import Connections
from upkeep.targets.host import Host
from upkeep.units import Unit
from upkeep.window import Cadence

_LIMIT = 10**7
_REMEDY = "run deploy/host-report there once a day, and let it leave its report in this place"


@dataclass(frozen=True, slots=True)
class PendingUpdate(Record):
    """One package that waits; the fields are the columns."""

    table: ClassVar[str] = "pending_update"

    package: str
    installed: str
    candidate: str
    kind: str
    first_seen: date


@check(Cadence.MONTHLY, owner="platform")
def patches(
    host: Host,
    connections: Connections,
    history: History,
    *,
    high_days: float = 30,
    report_days: float = 3,
    lists_days: float = 7,
    warn_days: float = 365,
    support_file: str = "",
) -> Answer:
    """
    Machines whose packages wait for updates, or whose system ends.

    Nothing logs in to a machine: it leaves the report of `deploy/host-report` in a folder or bucket. Security updates are medium,
    and high when one of the same package waited `high_days` ago already; that the kernel or a library in use is older than what
    is installed is told as well, and the end of the system, of Python and of Node `warn_days` before. A report older than
    `report_days`, one that was cut off, or package lists older than `lists_days` make it unknown: with old lists nothing ever
    waits. It leaves out what no package manager installed, and containers, whose packages their lockfiles and SBOMs tell.
    """
    now = datetime.now(UTC)
    report = _report(host, connections)
    known = support_days(support_file)
    first = _first_seen(report, history)
    findings = [
        *_waiting(host, report, first, high_days),
        *_reboot(host, report),
        *_ends(host, report, known, now.date(), warn_days),
    ]
    if why := _unknown(report, now, report_days, lists_days):
        return Answer.unknown("; ".join(why), _REMEDY, state=_state(first))
    unsaid = [text for text in _unlisted(report, known) if text]
    if unsaid and not findings:
        return Answer.unknown("; ".join(unsaid), "give a newer table in the threshold support_file", state=_state(first))
    return _answer(report, unsaid, findings, first)


def _answer(report: HostReport, unsaid: Sequence[str], findings: Sequence[Finding], first: Mapping[str, date]) -> Answer:
    return Answer.judged(
        _summary(report, unsaid),
        findings=findings,
        metrics=list(_metrics(report)),
        evidence={
            "system": report.system.pretty if report.system else "",
            "runtimes": dict(report.runtimes),
            "held": list(report.held),
        },
        state=_state(first),
        records=[PendingUpdate(u.package, u.installed, u.candidate, u.kind, first[u.package]) for u in report.updates],
    )


def _report(host: Host, connections: Connections) -> HostReport:
    """The newest report. Raises BrokenError when it is not there, or is none."""
    with connections.objects(host.reports, host.connection).reader(host.report_name) as file:
        raw = file.read(_LIMIT + 1)
    if len(raw) > _LIMIT:
        raise _no_report(host, f"it is larger than {_LIMIT // 10**6} MB")
    try:
        return host_report(raw.decode("utf-8", "replace"))
    except ReportError as error:
        raise _no_report(host, str(error)) from error


def _no_report(host: Host, why: str) -> BrokenError:
    return BrokenError(f"{host.report_name} in {host.reports} is no report: {why}", _REMEDY, retry=False)


def _first_seen(report: HostReport, history: History) -> dict[str, date]:
    """Since when an update of each package waits without a break, from what the last answer remembered."""
    before: Mapping[str, str] = (history.state() or {}).get("first_seen", {})
    today = report.at.date()
    return {u.package: min(today, date.fromisoformat(before.get(u.package, today.isoformat()))) for u in report.updates}


def _state(first: Mapping[str, date]) -> dict[str, dict[str, str]]:
    return {"first_seen": {package: day.isoformat() for package, day in first.items()}}


def _unknown(report: HostReport, now: datetime, report_days: float, lists_days: float) -> list[str]:
    why = [f"the machine could not tell: {failure}" for failure in report.failed]
    if now - report.at > timedelta(days=report_days):
        why.append(f"its report is of {report.at:%Y-%m-%d %H:%M} UTC (limit {report_days:g} days)")
    elif report.lists_at is None or report.at - report.lists_at > timedelta(days=lists_days):
        of = f"of {report.lists_at:%Y-%m-%d}" if report.lists_at else "of no known day"
        why.append(f"its package lists are {of} (limit {lists_days:g} days): what came since is not seen")
    return why


def _waiting(host: Host, report: HostReport, first: Mapping[str, date], high_days: float) -> Iterator[Finding]:
    security = [update for update in report.updates if update.kind != "other"]
    if not security:
        return
    oldest = min(security, key=lambda update: (first[update.package], update.package))
    age = (report.at.date() - first[oldest.package]).days
    sure = any(update.kind == "security" for update in security)
    yield Finding(
        rule="security_updates",
        object=host.name,
        severity=Severity.LOW if not sure else Severity.HIGH if age > high_days else Severity.MEDIUM,
        title=f"{plural(len(security), 'update')} {'of security' if sure else 'which may mend flaws'} "
        f"{'wait' if len(security) > 1 else 'waits'}, the oldest ({oldest.package}) for {age} days (limit {high_days:g})",
        remedy=_install(security),
        value=age,
        limit=high_days,
        unit=Unit.DAYS,
        details={"packages": [f"{u.package} {u.installed} -> {u.candidate}" for u in security]},
    )


def _install(updates: Sequence[Update]) -> str:
    names = " ".join(sorted({update.package for update in updates})[:20])
    return f"install them, by the package manager of the machine: {names}"


def _reboot(host: Host, report: HostReport) -> Iterator[Finding]:
    if report.reboot is not None:
        yield Finding(
            rule="reboot_needed",
            object=host.name,
            severity=Severity.MEDIUM,
            title=f"what runs is older than what is installed ({report.reboot or 'the machine asks for a restart'})",
            remedy="restart the machine: until then its updates mend nothing",
        )


def _products(report: HostReport) -> dict[str, str]:
    system = {report.system.id: report.system.version} if report.system else {}
    return {**system, **report.runtimes}


def _ends(host: Host, report: HostReport, known: SupportTable, today: date, warn_days: float) -> Iterator[Finding]:
    for product, version in _products(report).items():
        yield from ended(known, product, version, today, warn_days, host.name)


def _unlisted(report: HostReport, known: SupportTable) -> Iterator[str | None]:
    return (unlisted(known, product, version) for product, version in _products(report).items())


def _summary(report: HostReport, unsaid: Sequence[str]) -> str:
    security = sum(update.kind == "security" for update in report.updates)
    more = f"; {'; '.join(unsaid)}" if unsaid else ""
    return f"{plural(len(report.updates), 'update')} waiting, {security} of security{more}"


def _metrics(report: HostReport) -> Iterator[Metric]:
    for kind in ("security", "other", "unknown"):
        count = sum(update.kind == kind for update in report.updates)
        yield Metric(name="updates_waiting", value=count, unit=Unit.COUNT, labels={"kind": kind})
