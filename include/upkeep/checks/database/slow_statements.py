"""What a log's statements took, by shape: constants are forgotten as soon as one is counted."""

from dataclasses import dataclass, field

from upkeep.formats.duration_steps import Timed
from upkeep.formats.plans import plan_without_constants
from upkeep.formats.query_shape import fingerprint, shown
from upkeep.stats.ranking import OTHER, Ranking

_OTHERS = "(other statements)"


@dataclass
class Slow:
    """
    Everything found, by shape: durations, the text without constants, the plan of the longest.

    `slow_micros` is what is slow. `anywhere` counts statements of which the log does not say in which database they ran.
    """

    slow_micros: float = 0
    slow: int = 0
    unnamed_slow: int = 0
    anywhere: int = 0
    ranking: Ranking = field(default_factory=Ranking)
    texts: dict[str, str] = field(default_factory=dict)
    plans: dict[str, str] = field(default_factory=dict)
    unnamed: int = 0

    def add(self, statement: Timed) -> None:
        """Count one; its constants are forgotten here."""
        slow = statement.micros >= self.slow_micros
        self.slow += slow
        self.anywhere += not statement.database
        if statement.text is None:
            self.unnamed += 1
            self.unnamed_slow += slow
            return
        kind = self.ranking.kind(fingerprint(statement.text))
        if kind not in self.texts:
            self.texts[kind] = _OTHERS if kind == OTHER else shown(statement.text)
        longer = self.ranking.add(kind, statement.micros)
        if statement.plan and kind != OTHER and (longer or kind not in self.plans):
            self._keep_plan(kind, statement.plan)

    def _keep_plan(self, kind: str, plan: str) -> None:
        bare = plan_without_constants(plan)
        if bare:
            self.plans[kind] = bare
