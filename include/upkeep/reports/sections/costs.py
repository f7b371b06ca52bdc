"""What the system cost, in one sentence with its line of months."""

from upkeep.reports.cost_review.about import about
from upkeep.reports.cost_review.measures import measure_section
from upkeep.reports.cost_review.opportunities import opportunity_section
from upkeep.reports.cost_review.trend import trend
from upkeep.reports.section import Section, section
from upkeep.sources.rows import Rows
from upkeep.window import Cadence, Window


@section(Cadence.MONTHLY)
def costs(rows: Rows, window: Window) -> Section | None:
    """Trend, savings and opportunities; the report "Costs" has the rest. None where the ledger has no costs."""
    what = about(rows, window)
    if not what.spend:
        return None
    found = trend(what)
    others = (measure_section(rows, what), opportunity_section(rows, what))
    text = "; ".join([found.text, *(part.text for part in others if part.rows)])
    return Section(title="Costs", text=text, columns=found.columns, rows=found.rows)
