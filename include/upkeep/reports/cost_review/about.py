"""What a review of costs is about: a month, and until when what was said counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from upkeep.ledger.scope_costs import days_of, months_ago
from upkeep.reports.cost_review.month_spend import MonthSpend, month_spend
from upkeep.reports.one_currency import Rate, rates_until
from upkeep.sources.rows import Rows
from upkeep.window import Window

MONTHS = 13
_KNOWN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class About:
    """
    The window's month, what each account cost in thirteen, and `month`: the newest that is known whole of every account.

    `month` is None where no month is. Accounts without costs in the window's month and the one before are left out of that.
    """

    window: Window
    asked: date
    spend: Sequence[MonthSpend]
    rates: Sequence[Rate]
    month: date | None

    @property
    def known_by(self) -> datetime:
        """A day after the window."""
        return self.window.end + _KNOWN_AFTER

    @property
    def params(self) -> dict[str, Any]:
        """For the questions of sections."""
        start, end = self.window.start, self.window.end
        return {"start": start, "end": end, "known_by": self.known_by, "since": start + _KNOWN_AFTER, "month": self.asked}

    @property
    def last(self) -> date:
        """Last day of the window's month."""
        return self.asked.replace(day=days_of(self.asked))


def about(rows: Rows, window: Window) -> About:
    """Read what all sections need. Raises BrokenError."""
    asked = (window.start + window.length / 2).date().replace(day=1)
    first, last = months_ago(asked, MONTHS - 1), asked.replace(day=days_of(asked))
    spend = month_spend(rows, first, last, window.end + _KNOWN_AFTER)
    return About(window, asked, spend, rates_until(rows, last), _newest_whole(spend, asked))


def _newest_whole(spend: Sequence[MonthSpend], asked: date) -> date | None:
    alive = {each.account for each in spend if each.month >= months_ago(asked, 1)}
    whole = {name: {x.month for x in spend if x.account == name and x.whole} for name in alive}
    common = set.intersection(*whole.values()) if whole else set()
    return max(common, default=None)
