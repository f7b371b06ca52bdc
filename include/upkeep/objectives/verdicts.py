"""How often each rule of anomalies was right, by what people said of them."""

from dataclasses import dataclass
from datetime import datetime

from upkeep.sources.rows import Rows

REAL, FALSE_ALARM, UNSURE = "real", "false alarm", "cannot tell"
"""What people may say of an anomaly; the view upkeep.anomaly_verdict knows the first two by these words."""
LEAST_VERDICTS = 8
LEAST_PRECISION = 0.5


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the anomalies of a rule that people judged, how many were real."""

    rule: str
    confirmed: int
    judged: int

    @property
    def share(self) -> float:
        """The share that was real."""
        return self.confirmed / self.judged

    @property
    def demoted(self) -> bool:
        """Whether the rule was wrong more often than right, in enough verdicts to say so."""
        return self.judged >= LEAST_VERDICTS and self.share < LEAST_PRECISION


def precisions(rows: Rows, by: datetime) -> dict[str, Precision]:
    """Each rule that was judged, by what was said before a moment. Raises BrokenError when the report database is away."""
    return {each.rule: each for each in rows(__file__, Precision, {"by": by})}
