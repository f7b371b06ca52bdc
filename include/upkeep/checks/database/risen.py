"""Counters of databases that rose between two looks, as numbers a day."""

from collections.abc import Mapping

from upkeep.answer import Metric
from upkeep.stats.counters import DAY, Rise
from upkeep.units import Unit

_MOST = 20


def daily_metrics(name: str, unit: Unit, known: Mapping[str, Rise]) -> list[Metric]:
    """One of each database, of those that rose most."""
    most = sorted(known.items(), key=lambda item: (-item[1].amount, item[0]))[:_MOST]
    return [
        Metric(
            name=name,
            value=risen.per_day,
            unit=unit,
            labels={"database": database},
            numerator=risen.amount,
            denominator=risen.span / DAY,
        )
        for database, risen in most
    ]
