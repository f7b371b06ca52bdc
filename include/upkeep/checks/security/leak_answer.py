"""What a scan for secrets found, said by kind and place alone."""

from collections.abc import Iterable, Sequence

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.checks.security.leak_scan import ALLOWED, MOST_PLACES, Leak, Scan
from upkeep.humanize import plural
from upkeep.sources.repository import Repository
from upkeep.units import Unit

_LISTED = 5


def answer(scan: Scan, files: Repository | None, findings: Sequence[Finding]) -> Answer:
    """What a scan found, or that it could not read all."""
    metric = Metric(
        name="files_read", value=scan.read / max(1, scan.read + len(scan.unread)), unit=Unit.SHARE, numerator=scan.read,
        denominator=scan.read + len(scan.unread), n=scan.read + len(scan.unread),
    )  # fmt: skip
    if scan.unread and not findings:
        remedy = "make them readable, or leave them out of what is looked through where they hold no text"
        return Answer.unknown(f"{plural(len(scan.unread), 'file')} not read: {_few(scan.unread)}", remedy, metrics=[metric])
    modules = files.tree.submodules() if files else ()
    text = f"{plural(scan.read, 'file')} read, {plural(len(scan.leaks), 'place')} with secrets"
    text += f"; {plural(len(scan.unread), 'file')} not read: {_few(scan.unread)}" if scan.unread else ""
    text += f"; {plural(len(modules), 'submodule')} not read: {_few(modules)}" if modules else ""
    return Answer.judged(text, findings=findings, metrics=[metric])


def finding(leak: Leak, severity: Severity) -> Finding:
    """Kind and place, never the value."""
    count = plural(len(leak.where), "place") + (" or more" if len(leak.where) == MOST_PLACES else "")
    return Finding(
        rule="secret_in_repository", object=f"{leak.path}: {leak.kind}", severity=severity,
        title=f"{leak.path} has what looks like a {leak.kind}, in {count}: {_few(leak.where)}",
        remedy=(
            "take it for known to others: rotate it first, then take it out; what is deleted stays in the history."
            f" Where it is none: put its SHA-256 (printf %s VALUE | sha256sum) into {ALLOWED}"
        ),
        details={"path": leak.path, "kind": leak.kind, "places": list(leak.where[:50])},
    )  # fmt: skip


def _few(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _LISTED:,} more" if len(every) > _LISTED else ""
    return ", ".join(every[:_LISTED]) + more
