"""Costs brought into the ledger, so that checks need not ask a provider."""

from datetime import UTC, datetime

from upkeep.answer import Answer, Metric
from upkeep.duty import Progress, job
from upkeep.humanize import plural
from upkeep.ledger.asking import import_asked
from upkeep.ledger.entry import Ledger, Merged
from upkeep.ledger.exports import import_export
from upkeep.sources.connections import Connections
from upkeep.sources.cost_explorer import CostExplorer
from upkeep.targets.account import Account
from upkeep.units import Unit
from upkeep.window import Cadence


@job(Cadence.DAILY, owner="costs", hours=1)
def import_costs(
    account: Account,
    connections: Connections,
    ledger: Ledger,
    progress: Progress,
    *,
    memory_mb: int = 512,
    most_calls: int = 200,
    dry_run: bool = False,
) -> Answer:
    """
    Costs brought into the ledger, so that checks need not ask a provider.

    What the account's `source` says now is compared with what it said before: only what differs is added, as a new version of
    a row, so that the same delivery twice adds nothing, and a closed month that changes is restated with its difference. Files
    that did not change are not read again; of a file that did, all days that it has or had are. A file that cannot be read, has
    0 rows where there were some, or is named by a manifest and missing, is refused by name, and nothing of the delivery counts.
    Cost Explorer is asked once a day and at most `most_calls` times, since AWS takes 0.01 USD for each. `memory_mb` bounds what
    reading takes. `dry_run` says what would be read and writes nothing. Safe to kill at any point: what
    is written is one transaction at the end, and the next run reads the same again.
    """
    if account.place is None:
        explorer, today = CostExplorer(connections.aws(account.connection, "ce"), most_calls), datetime.now(UTC).date()
        what, merged = import_asked(account, explorer, ledger, progress, today, memory_mb, dry_run=dry_run)
    else:
        store = connections.objects(account.place, account.connection)
        what, merged = import_export(account, store, ledger, progress, memory_mb, dry_run=dry_run)
    evidence = {"place": account.place or "Cost Explorer", "restated": list(merged.restated) if merged else []}
    if merged is None:
        return Answer.judged(what, evidence=evidence)
    return Answer.judged(_summary(what, merged), metrics=_metrics(merged), evidence=evidence)


def _summary(what: str, merged: Merged) -> str:
    message = f"{what}: {plural(merged.changed, 'row')} of the ledger new or changed in {plural(merged.days, 'day')}"
    return message + (f"; restated: {'; '.join(merged.restated[:5])}" if merged.restated else "")


def _metrics(merged: Merged) -> list[Metric]:
    return [
        Metric(name="spend_rows_changed", value=merged.changed, unit=Unit.ROWS),
        Metric(name="restatements", value=len(merged.restated), unit=Unit.COUNT),
    ]
