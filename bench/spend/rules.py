"""Three rules that look at a bill day by day: ours, the one that AWS documents, and the usual one of home-made scripts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import mean, median, pstdev

from bench.spend.bills import BEGIN, DAYS, Bill, at
from upkeep.checks.costs.spend_found import Limits, found_at
from upkeep.checks.costs.spend_levels import Level, Name
from upkeep.ledger.series import Series, SpendDay
from upkeep.stats.anomaly.daily import judge_days

LIMITS = Limits(rare=0.001, money=Decimal(50), share=Decimal("0.2"))
SAID_MONEY, SAID_SHARE, SAID_DAYS = 100, 0.4, 10


@dataclass(slots=True)
class Told:
    """An alarm: of a service, first on this day, and up or down; it may go on."""

    service: str
    day: int
    up: bool
    last: int = field(default=0)


def ours(bill: Bill) -> list[Told]:
    """`spend_anomalies`, on gross cost by service, as it says at the end of each day."""
    found = []
    for service in bill.costs:
        open_now: Told | None = None
        whole = _days(bill, service, DAYS - 1)
        judged = judge_days(_level(whole).points())
        for day in range(BEGIN, DAYS):
            # What comes later changes no judgement, unless a bill changes afterwards or has no such day.
            same = not bill.partial and not bill.gaps
            level = _level(whole[: day + 1] if same else _days(bill, service, day))
            one = found_at(level, LIMITS, judged[: day + 1] if same else None)
            if one is None:
                open_now = None
            elif open_now is None or open_now.up != (one.excess > 0):
                open_now = Told(service, day, one.excess > 0, day)
                found.append(open_now)
            else:
                open_now.last = day
    return found


def _days(bill: Bill, service: str, until: int) -> list[SpendDay]:
    return [
        SpendDay(
            "account",
            service,
            {},
            bill.currencies.get(service, "USD"),
            at(n),
            _exact(cost),
            _exact(cost),
            None,
            (),
            provisional=False,
        )
        for n, cost in enumerate(bill.known(service, until))
        if cost is not None
    ]


def _level(days: Sequence[SpendDay]) -> Level:
    series = Series("account", days[0].service, {}, days[0].currency, tuple(days))
    return Level(Name("account", "service", series.service, series.currency), (series,), tuple(day.day for day in days))


def _exact(cost: float) -> Decimal:
    return Decimal(str(round(cost, 6)))


def as_aws_documents(bill: Bill) -> list[Told]:
    """
    A service's net cost above what is expected by 100 and by 40 % of it in all, once it has ten days of history.

    What AWS expects is not public; the median of the same weekday of four weeks stands in, since AWS says that it knows weekdays.
    """
    found = []
    for service in bill.costs:
        impact = expected_in_all = 0.0
        for day in range(BEGIN, DAYS):
            net = bill.net(service, day)
            past = [cost for cost in net[:day] if cost is not None]
            before = [cost for cost in (net[day - 7 * week] for week in (1, 2, 3, 4)) if cost is not None]
            cost = net[day]
            if cost is None or len([c for c in past if c]) < SAID_DAYS or not before or cost <= median(before) * (1 + SAID_SHARE):
                impact = expected_in_all = 0.0
                continue
            was_told = _is_told(impact, expected_in_all)
            impact, expected_in_all = impact + cost - median(before), expected_in_all + median(before)
            if _is_told(impact, expected_in_all) and not was_told:
                found.append(Told(service, day, up=True, last=day))
            elif was_told:
                found[-1].last = day
    return found


def _is_told(impact: float, expected: float) -> bool:
    return impact >= SAID_MONEY and impact >= SAID_SHARE * expected


def half_and_two_sigma(bill: Bill) -> list[Told]:
    """A service's net cost more than 50 % and more than two deviations above the mean of the 30 days before, of 8 at least."""
    found: list[Told] = []
    for service in bill.costs:
        for day in range(BEGIN, DAYS):
            net = bill.net(service, day)
            if _beyond([cost for cost in net[max(0, day - 30) : day] if cost is not None], net[day]):
                if found and found[-1].service == service and found[-1].last == day - 1:
                    found[-1].last = day
                else:
                    found.append(Told(service, day, up=True, last=day))
    return found


def _beyond(past: Sequence[float], cost: float | None) -> bool:
    return cost is not None and len(past) >= 8 and cost > 1.5 * mean(past) and cost > mean(past) + 2 * pstdev(past)
