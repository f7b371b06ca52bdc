"""Spend that its own past does not explain."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

from upkeep.answer import Answer, Finding, Severity
from upkeep.checks.costs.spend_found import Found, Limits, found_at
from upkeep.checks.costs.spend_levels import Level, levels
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.ledger.series import daily_series, known_by
from upkeep.ledger.spend_drivers import PARTS
from upkeep.record import Record
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.window import Cadence, Window

PAST_DAYS = 400
LEAST_DAYS = 14
MONTH = 30
MOST_SURE = 1_000_000
"""Rarer than one in a million is said as that: no past of a year tells more."""


@dataclass(frozen=True, slots=True)
class SpendAnomaly(Record):
    """One anomaly as it stood at the window's end. The four drivers add up to `difference`."""

    table: ClassVar[str] = "spend_anomaly"
    sub_account: str
    level: str
    part: str
    currency: str
    kind: str
    since: date
    days: int
    newest: Decimal
    low: Decimal
    high: Decimal
    came: Decimal
    expected: Decimal
    excess: Decimal
    chance: float | None
    difference: Decimal | None
    price: Decimal | None
    usage: Decimal | None
    mix: Decimal | None
    other: Decimal | None


@check(Cadence.DAILY, owner="costs", after=("import_costs",))
def spend_anomalies(
    account: Account,
    rows: Rows,
    window: Window,
    *,
    rare: float = 0.001,
    least_money: float = 50,
    least_share: float = 0.2,
    medium_month: float = 500,
    high_month: float = 5000,
) -> Answer:
    """
    Spend that its own past does not explain.

    Each account, service and declared tag is judged by its own days before, each currency apart, credits and taxes left out:
    weekdays, days of the month from both ends, the level it stands at, and how much it usually strays. A finding says what was
    expected, what came since when, how sure that is, and whether price, usage or mix drove it. It stays open until the cost is
    usual again, or for one to two weeks, after which the new level is the usual one. Falls count once they lasted three days,
    since newest days are not whole. A service that is new is told at once, and that nothing is known of it. What is smaller than
    `least_money` so far, or `least_share` of what was expected, is left out. It cannot see single resources, nor a change that
    began with the account's history.
    """
    last = (window.end - timedelta(seconds=1)).date()
    series = daily_series(rows, account.name, last - timedelta(days=PAST_DAYS), last, known_by(window))
    every = levels(series)
    if not every or len(every[0].days) < LEAST_DAYS:
        return Answer.unknown(_too_short(every), "let spend be imported for two weeks, or import exports of the past")
    limits = Limits(rare, Decimal(str(least_money)), Decimal(str(least_share)))
    told = _each_once([found for level in every if (found := found_at(level, limits))])
    return Answer.judged(
        _summary(every, told),
        findings=[_finding(found, medium_month, high_month) for found in told],
        records=[_record(found) for found in told],
    )


def _too_short(every: Sequence[Level]) -> str:
    days = len(every[0].days) if every else 0
    return f"{plural(days, 'day')} of spend are known until the window's end, {LEAST_DAYS} are needed to know what is usual"


def _each_once(found: Sequence[Found]) -> list[Found]:
    """Each thing once: an account or a tag only where no service of the account went the same way."""
    services = {_way(one) for one in found if one.level.name.kind == "service"}
    tags = {_way(one) for one in found if one.level.name.kind == "tag"}
    return [
        one
        for one in found
        if one.level.name.kind == "service"
        or (_way(one) not in services and (one.level.name.kind == "tag" or _way(one) not in tags))
    ]


def _way(found: Found) -> tuple[str, str, bool]:
    return found.level.name.account, found.level.name.currency, found.excess > 0


def _summary(every: Sequence[Level], told: Sequence[Found]) -> str:
    newest = every[0].days[-1]
    money = ", ".join(f"{amount:+,.2f} {currency}" for currency, amount in sorted(_money(told).items()))
    message = f"{plural(len(told), 'anomaly', 'anomalies')} ({money} so far)" if told else "no anomaly"
    return f"{message} among {plural(len(every), 'account, service and tag', 'accounts, services and tags')} until {newest}"


def _money(told: Sequence[Found]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for one in told:
        found[one.level.name.currency] = found.get(one.level.name.currency, Decimal(0)) + one.excess
    return found


def _finding(found: Found, medium: float, high: float) -> Finding:
    return Finding(
        rule=f"spend_{found.kind}",
        object=str(found.level.name),
        severity=_severity(found, medium, high),
        title=_title(found),
        remedy=_remedy(found),
        details=dict(_details(found)),
    )


def _severity(found: Found, medium: float, high: float) -> Severity:
    month = found.a_day * MONTH
    if month < Decimal(str(medium)):
        return Severity.LOW
    return Severity.HIGH if month >= Decimal(str(high)) else Severity.MEDIUM


def _title(found: Found) -> str:
    name, currency = found.level.name, found.level.name.currency
    if found.kind == "drift":
        grown = found.excess / found.expected if found.expected else Decimal(0)
        return f"{name} drifts: {found.came:,.2f} in 28 days, {grown:+.0%} since {found.since}, no single day a surprise"
    if found.kind == "new":
        came = f"{found.came:,.2f} {currency} in {plural(found.days, 'day')}"
        return f"{name} is new since {found.since}: {came}; too few to say what is usual"
    sure = f"by chance once in {min(round(1 / max(found.chance or 1, 1e-9)), MOST_SURE):,} such days"
    expected = f"{found.low:,.2f} to {found.high:,.2f} expected"
    return (
        f"{name} is {found.newest:,.2f} on {found.level.days[-1]} ({expected}, {sure}): "
        f"{found.a_day:+,.2f} a day and {found.excess:+,.2f} so far since {found.since}{_driven(found)}"
    )


def _driven(found: Found) -> str:
    if not found.drivers:
        return ""
    values = {"usage": "use", "price": "price", "mix": "the mix of what is used", "other": "what is new, gone or has no quantity"}
    return f"; mostly {values[found.drivers.main]} ({getattr(found.drivers, found.drivers.main):+,.2f})"


def _remedy(found: Found) -> str:
    where = f"account {found.level.name.account}" + (f", {found.level.name.part}" if found.level.name.part else "")
    if found.kind == "fall":
        return f"look whether something stopped in {where}, or whether the bill of these days is still coming"
    return f"look at what {where} began or grew on {found.since}; waive this finding when it is meant, else stop it"


def _details(found: Found) -> Iterator[tuple[str, object]]:
    yield "since", found.since.isoformat()
    yield from ((name, str(getattr(found, name))) for name in ("came", "expected", "excess", "low", "high", "newest"))
    yield "currency", found.level.name.currency
    if found.chance is not None:
        yield "chance", found.chance
    if found.drivers:
        yield "drivers", {name: str(getattr(found.drivers, name)) for name in PARTS}


def _record(found: Found) -> SpendAnomaly:
    name, by = found.level.name, found.drivers
    return SpendAnomaly(
        sub_account=name.account, level=name.kind, part=name.part, currency=name.currency, kind=found.kind, since=found.since,
        days=found.days, newest=found.newest, low=found.low, high=found.high, came=found.came, expected=found.expected,
        excess=found.excess, chance=found.chance, **(asdict(by) if by else dict.fromkeys(PARTS)),
    )  # fmt: skip
