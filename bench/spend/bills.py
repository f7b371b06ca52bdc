"""About sixty bills of one account: six services as they usually are, and in most of them one thing that is not."""

import random
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

DAYS, JUDGED = 170, 60
FIRST = date(2026, 1, 5)
BEGIN = DAYS - JUDGED
DAY = timedelta(days=1)
Costs = list[float]


@dataclass(frozen=True, slots=True)
class Wrong:
    """What ought to be told: of `service`, from the day of this number on, for so many days, up or down."""

    service: str
    begin: int
    days: int
    up: bool = True


@dataclass(slots=True)
class Bill:
    """
    Gross cost by service and day, with the credits of a day apart. `gaps` are days of which nothing is known.

    While `partial`, the newest day of the bill shows half of what it will, and the day before nine tenths.
    """

    kind: str
    costs: dict[str, Costs]
    wrong: list[Wrong] = field(default_factory=list)
    credits: dict[str, Costs] = field(default_factory=dict)
    currencies: dict[str, str] = field(default_factory=dict)
    gaps: set[int] = field(default_factory=set)
    partial: bool = False

    def known(self, service: str, until: int) -> list[float | None]:
        """Gross cost of a service as it was known at the end of day `until`."""
        shares = {until: 0.5, until - 1: 0.9} if self.partial else {}
        return [
            None if day in self.gaps else cost * shares.get(day, 1) for day, cost in enumerate(self.costs[service][: until + 1])
        ]

    def net(self, service: str, until: int) -> list[float | None]:
        """The same less credits."""
        less = self.credits.get(service, [0.0] * DAYS)
        return [None if cost is None else cost - less[day] for day, cost in enumerate(self.known(service, until))]


def at(number: int) -> date:
    """The day of this number."""
    return FIRST + number * DAY


def bills() -> Iterator[Bill]:
    """Every bill, in the order of kinds; the same ones every time."""
    for kind, make in KINDS.items():
        for number, size in enumerate(SIZES[kind]):
            bill = Bill(kind, usual(f"{kind} {number}"))
            make(bill, size, BEGIN + 10 + 4 * number)
            yield bill


def usual(seed: str) -> dict[str, Costs]:
    """A bill without anything wrong: weekdays, growth, an end of the month, a fee on the first, noise, and work now and then."""
    chance = random.Random(seed)  # noqa: S311 - noise, not a secret

    def noisy(middle: float, noise: float) -> float:
        return max(0.0, middle * (1 + chance.gauss(0, noise)))

    def batch(day: date) -> float:
        return 660.0 if day.day == monthrange(day.year, day.month)[1] else 60.0

    return {
        "compute": [noisy(800 if at(n).weekday() < 5 else 640, 0.04) for n in range(DAYS)],
        "storage": [noisy(120 * 1.001**n, 0.01) for n in range(DAYS)],
        "batch": [noisy(batch(at(n)), 0.06) for n in range(DAYS)],
        "support": [300.0 if at(n).day == 1 else 0.0 for n in range(DAYS)],
        "logs": [noisy(40, 0.15) for n in range(DAYS)],
        "training": [chance.uniform(150, 400) if chance.random() < 0.12 else 0.0 for n in range(DAYS)],
    }


def _nothing(_bill: Bill, _size: float, _begin: int) -> None:
    """Leave it as it is."""


def _weekday(bill: Bill, size: float, begin: int) -> None:
    day = next(n for n in range(begin, DAYS) if at(n).weekday() == 5)
    for n in (day, day + 1):
        bill.costs["compute"][n] *= size
    bill.wrong.append(Wrong("compute", day, 2))


def _month_end(bill: Bill, size: float, begin: int) -> None:
    day = next(n for n in range(begin, DAYS) if (at(n) + DAY).day == 1)
    bill.costs["batch"][day] *= size
    bill.wrong.append(Wrong("batch", day, 1))


def _step(bill: Bill, size: float, begin: int) -> None:
    for n in range(begin, DAYS):
        bill.costs["compute"][n] *= size
    bill.wrong.append(Wrong("compute", begin, DAYS - begin, up=size > 1))


def _drift(bill: Bill, size: float, begin: int) -> None:
    begin = min(begin - 15, BEGIN)
    for n in range(begin, DAYS):
        bill.costs["storage"][n] *= (1 + size) ** (n - begin)
    bill.wrong.append(Wrong("storage", begin, DAYS - begin))


def _new(bill: Bill, size: float, begin: int) -> None:
    bill.costs["assistant"] = [0.0] * begin + [size] * (DAYS - begin)
    bill.wrong.append(Wrong("assistant", begin, DAYS - begin))


def _offsetting(bill: Bill, size: float, begin: int) -> None:
    for n in range(begin, DAYS):
        bill.costs["compute"][n] -= size
        bill.costs["storage"][n] += size
    bill.wrong += [Wrong("storage", begin, DAYS - begin), Wrong("compute", begin, DAYS - begin, up=False)]


def _credit(bill: Bill, size: float, begin: int) -> None:
    more = [0.0] * begin + [size] * (DAYS - begin)
    bill.costs["storage"] = [a + b for a, b in zip(bill.costs["storage"], more, strict=True)]
    bill.credits["storage"] = more
    bill.wrong.append(Wrong("storage", begin, DAYS - begin))


def _one_off(bill: Bill, size: float, begin: int) -> None:
    bill.costs["storage"][begin] += size
    bill.wrong.append(Wrong("storage", begin, 1))


def _currency(bill: Bill, size: float, begin: int) -> None:
    chance = random.Random(size)  # noqa: S311 - noise, not a secret
    bill.costs["mail"] = [15_000 * (1 + chance.gauss(0, 0.05)) for _ in range(DAYS)]
    bill.currencies["mail"] = "JPY"
    for n in range(begin, begin + 3):
        bill.costs["mail"][n] *= size
    bill.wrong.append(Wrong("mail", begin, 3))


def _missing(bill: Bill, size: float, begin: int) -> None:
    bill.gaps = set(range(begin, begin + int(size)))


def _partial(bill: Bill, _size: float, _begin: int) -> None:
    bill.partial = True


KINDS: Mapping[str, Callable[[Bill, float, int], None]] = {
    "clean": _nothing, "weekday": _weekday, "month end": _month_end, "step": _step, "drift": _drift, "new service": _new,
    "offsetting pair": _offsetting, "hidden by a credit": _credit, "one-off": _one_off, "currency": _currency,
    "missing day": _missing, "restated day": _partial,
}  # fmt: skip
SIZES: Mapping[str, tuple[float, ...]] = {
    "clean": (0, 0, 0, 0, 0, 0, 0, 0), "weekday": (1.25, 1.4, 1.6, 2, 3), "month end": (1.5, 2, 3, 5),
    "step": (1.15, 1.25, 1.5, 2, 0.75, 0.5), "drift": (0.006, 0.008, 0.01, 0.013, 0.016), "new service": (15, 30, 80, 200, 600),
    "offsetting pair": (60, 100, 150, 200, 300),
    "hidden by a credit": (30, 60, 120, 240, 360), "one-off": (60, 120, 300, 1000, 5000),
    "currency": (1.3, 1.6, 2, 3, 5), "missing day": (1, 1, 2, 3, 1), "restated day": (0, 0, 0, 0),
}  # fmt: skip
