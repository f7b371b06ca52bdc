"""The month's review of costs: where money goes, why, what could be saved, what was, and what is to be decided."""

from upkeep.reports.cost_review.about import about
from upkeep.reports.cost_review.anomalies import anomaly_section
from upkeep.reports.cost_review.asked import asked_section
from upkeep.reports.cost_review.drivers import driver_section
from upkeep.reports.cost_review.measures import measure_section
from upkeep.reports.cost_review.month_end import month_end_section
from upkeep.reports.cost_review.opportunities import opportunity_section
from upkeep.reports.cost_review.restatements import restatement_section
from upkeep.reports.cost_review.trend import trend, trend_text
from upkeep.reports.cost_review.unallocated import unallocated_section
from upkeep.reports.report import Report, report
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@report(Cadence.MONTHLY)
def cost_review(rows: Rows, window: Window) -> Report | None:
    """What was known of all accounts a day after the month; None where the ledger has no costs of it and the year before."""
    what = about(rows, window)
    if not what.spend:
        return None
    parts = (
        trend(what), driver_section(rows, what), month_end_section(rows, what), anomaly_section(rows, what),
        restatement_section(rows, what), unallocated_section(rows, what), opportunity_section(rows, what),
        measure_section(rows, what), asked_section(rows, what),
    )  # fmt: skip
    return Report(title=f"Costs, {what.asked:%Y-%m}", headline=trend_text(what), sections=tuple(part for part in parts if part))
