"""Certificates that clients refuse, or soon will."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import span
from upkeep.record import Record
from upkeep.sources.tls import Served, Shown, Tls
from upkeep.targets.endpoint import NetworkEndpoint
from upkeep.units import Unit
from upkeep.window import Cadence

_RENEW = "renew it, install it with its whole chain, and let the server read it again; then look why it was not renewed by itself"


@dataclass(frozen=True, slots=True)
class Certificate(Shown, Record):
    """One certificate of a chain as it was shown; the leaf has place 0."""

    table: ClassVar[str] = "certificate"

    place: int


@check(Cadence.WEEKLY, owner="platform")
def certificates(endpoint: NetworkEndpoint, tls: Tls, *, renew_share: float = 0.3, high_share: float = 0.15) -> Answer:
    """
    Certificates that clients refuse, or soon will.

    Expiry is judged against the certificate's own lifetime, since lifetimes shrink: one that is renewed in time is renewed with
    a third of it left (RFC 8555 clients such as certbot do so), so less than `renew_share` means that renewal does not work, and
    less than `high_share` that there is little time. Each certificate of the chain is judged, and whether clients trust the
    chain and accept the name, whatever the dates. It leaves out revocation, protocols and ciphers that the server would also
    accept, and addresses behind a load balancer that were not the one that answered.
    """
    served, now = tls.look(endpoint.server_name or endpoint.host, endpoint.ca_file), datetime.now(UTC)
    findings = [*_refused(endpoint, served), *(f for c in served.certificates for f in _dates(c, now, renew_share, high_share))]
    first = min(served.certificates, key=lambda c: c.not_after)
    return Answer.judged(
        f"{served.protocol}, {_when(first, now)}",
        findings=findings,
        metrics=list(_metrics(served.certificates, now)),
        evidence={"protocol": served.protocol, "cipher": served.cipher},
        records=[Certificate(place=place, **asdict(shown)) for place, shown in enumerate(served.certificates)],
    )


def _refused(endpoint: NetworkEndpoint, served: Served) -> Iterator[Finding]:
    if served.chain_problem:
        remedy = "install the leaf followed by every intermediate certificate, of an authority that clients trust"
        yield Finding(
            rule="chain_refused", object=endpoint.address, severity=Severity.HIGH, remedy=remedy,
            title=f"clients refuse the chain of {endpoint.address}: {served.chain_problem}",
        )  # fmt: skip
    if served.name_problem:
        names = ", ".join(served.certificates[0].names) or "none"
        yield Finding(
            rule="name_refused", object=endpoint.address, severity=Severity.HIGH,
            title=f"clients refuse the name at {endpoint.address}: {served.name_problem} (its names: {names})",
            remedy=f"issue the certificate for {endpoint.server_name or endpoint.host} too, or correct the address",
        )  # fmt: skip


def _dates(shown: Shown, now: datetime, renew_share: float, high_share: float) -> Iterator[Finding]:
    left = _left(shown, now)
    if now < shown.not_before:
        yield _dated(shown, "not_yet_valid", Severity.HIGH, f"{shown.subject} is valid only from {shown.not_before:%Y-%m-%d} on")
    elif now >= shown.not_after:
        text = f"{shown.subject} has expired {span((now - shown.not_after).total_seconds())} ago"
        yield _dated(shown, "expired", Severity.CRITICAL, text)
    elif left < renew_share:
        severity = Severity.HIGH if left < high_share else Severity.MEDIUM
        limit = high_share if left < high_share else renew_share
        yield _dated(shown, "expires", severity, f"{_when(shown, now)} of its lifetime (limit {limit:.0%})", left, limit)


def _dated(
    shown: Shown, rule: str, severity: Severity, title: str, value: float | None = None, limit: float | None = None
) -> Finding:
    return Finding(
        rule=rule, object=shown.subject, severity=severity, title=title, remedy=_RENEW, value=value, limit=limit,
        unit=Unit.SHARE if value is not None else None, due_by=shown.not_after if rule == "expires" else None,
        details={"sha256": shown.sha256, "not_after": shown.not_after.isoformat()},
    )  # fmt: skip


def _when(shown: Shown, now: datetime) -> str:
    left = max(timedelta(0), shown.not_after - now)
    return f"{shown.subject} ends on {shown.not_after:%Y-%m-%d}, in {span(left.total_seconds())}: {_left(shown, now):.0%}"


def _left(shown: Shown, now: datetime) -> float:
    """Share of the lifetime that is left; below zero when it has expired."""
    return (shown.not_after - now) / (shown.not_after - shown.not_before)


def _metrics(chain: Sequence[Shown], now: datetime) -> Iterator[Metric]:
    for shown in chain:
        days = (shown.not_after - now) / timedelta(days=1)
        yield Metric(
            name="certificate_left",
            value=round(days, 3),
            unit=Unit.DAYS,
            labels={"subject": shown.subject, "sha256": shown.sha256[:16]},
        )
