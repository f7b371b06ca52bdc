"""What could be saved: resources that cost more than they must."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from upkeep.answer import Answer
from upkeep.checks.costs.opportunities_answer import answer_of
from upkeep.checks.costs.opportunities_seen import seen_of
from upkeep.duty import History, check
from upkeep.opportunities.looking import Blind, looked_at
from upkeep.opportunities.prices import LedgerDay
from upkeep.opportunities.rules import broken_rules, every_rule
from upkeep.opportunities.view import Limits
from upkeep.sources.connections import Connections
from upkeep.sources.rows import Rows
from upkeep.targets.account import Account
from upkeep.window import Cadence


@check(Cadence.WEEKLY, owner="costs")
def opportunities(
    account: Account,
    connections: Connections,
    rows: Rows,
    history: History,
    *,
    look_days: int = 30,
    min_amount: float = 5,
) -> Answer:
    """
    What could be saved: resources that cost more than they must.

    Each rule of docs/opportunities.md looks at the resources that there are now and at `look_days` whole days of metrics, or at
    the ledger. Money is a month, at what the account really pays: the share of list prices that it pays by its ledger, else list
    prices, which is then said. Of hours that commitments cover nothing is saved, and one cost is claimed by one rule. What has a
    declared tag (`protected_tags`) or a protection of AWS is a row and no finding, what is younger than `look_days` is counted,
    and a gap in metrics is not idleness: it is unknown. Less than `min_amount` a month is no finding; once found, it stays until
    it falls below four fifths of that. A rule that AWS refuses is unknown with the action to allow, the others still answer, and
    what was found before stays open until it can be looked at again. It cannot see what a resource is for: ask its owner first.
    """
    now = present()
    about = _days(account, look_days, now)
    days = rows(__file__, LedgerDay, about)
    seen = seen_of(account, connections, days, Limits(look_days, account.development_tags), now)
    looked = looked_at(every_rule(), seen.sights)
    looked.blind += [Blind(name, "*", f"its file cannot be imported: {why}", "repair it") for name, why in broken_rules()]
    return answer_of(account, looked, seen, history.state(), Decimal(str(min_amount)))


def present() -> datetime:
    """This moment: resources are seen as they are now."""
    return datetime.now(UTC)


def _days(account: Account, look_days: int, now: datetime) -> dict[str, object]:
    today = now.date()
    return {"account": account.name, "first": today - timedelta(days=look_days), "last": today - timedelta(days=1)}
