"""Commitments of an account whose bill does not name them, asked of AWS Cost Explorer for days of the past."""

from collections.abc import Sequence

from upkeep.checks.costs.coverage import Covered
from upkeep.ledger.entry import Days
from upkeep.ledger.series import SpendDay
from upkeep.sources.connections import Connections
from upkeep.sources.cost_explorer import CostExplorer
from upkeep.sources.explorer_commitments import CURRENCY, SERVICES, Utilisation, coverages, utilisations
from upkeep.targets.account import Account

MOST_CALLS = 40


def asked(
    account: Account, connections: Connections, days: Sequence[SpendDay], span: Days
) -> tuple[list[Utilisation], list[Covered]]:
    """
    Each commitment that cost something, and each service of which commitments cover something.

    Reservations are asked of those services that had costs. Raises CannotAskError with the missing right, and BrokenError.
    """
    explorer = CostExplorer(connections.aws(account.connection, "ce"), MOST_CALLS)
    spent = {each.service for each in days}
    services = [name for name in SERVICES if name in spent]
    used = [each for each in utilisations(explorer, span.first, span.last, services) if each.used + each.unused > 0]
    covered = [
        Covered(f"{each.service} by {each.by}", CURRENCY, each.covered, each.uncovered, 1, each.on_demand_cost)
        for each in coverages(explorer, span.first, span.last, services)
        if each.covered > 0
    ]
    return used, covered
