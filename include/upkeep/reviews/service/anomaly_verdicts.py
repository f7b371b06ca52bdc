"""Which anomalies of a service were real, said by those who know it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.answer import Answer
from upkeep.decisions.markdown import plain
from upkeep.decisions.question import Field, Question
from upkeep.duty import review
from upkeep.humanize import plural
from upkeep.objectives.verdicts import FALSE_ALARM, REAL, UNSURE, Precision, precisions
from upkeep.sources.rows import Rows
from upkeep.targets.service import Service
from upkeep.window import Cadence, Window


@dataclass(frozen=True, slots=True)
class Told:
    """One anomaly of the week that nobody judged yet."""

    rule: str
    series: str
    since: datetime
    value: float
    low: float
    high: float
    unit: str
    deployments: list[str]

    @property
    def key(self) -> str:
        """As verdicts name it: the same as long as it goes on."""
        return f"{self.rule}@{self.since:%Y-%m-%dT%H:%MZ}@{self.series}"

    @property
    def numbers(self) -> str:
        """What came, and what was expected."""
        return f"{self.value:,.4g} came, {self.low:,.4g} to {self.high:,.4g} expected (unit {self.unit})"


@review(Cadence.WEEKLY, owner="service", due_days=7)
def anomaly_verdicts(service: Service, rows: Rows, window: Window, *, most: int = 10) -> Answer | Question:
    """
    Which anomalies of a service were real, said by those who know it.

    Shows the `most` rarest anomalies of the week that nobody judged, and how often each rule was right so far. A rule that was
    right in less than half of 8 verdicts or more is told as low from then on, until it is right more often. What somebody cannot
    tell counts for nothing.
    """
    told = rows(__file__, Told, {"service": service.name, "start": window.start, "end": window.end, "most": most})
    if not told:
        return Answer.judged(f"no anomaly of {service.name} waits for a verdict")
    known = precisions(rows, window.end)
    return Question(
        subject=f"Which of {plural(len(told), 'anomaly', 'anomalies')} of {service.name} were real?",
        body="\n".join([*_table(told), "", *_so_far(known)]),
        fields=tuple(_field(number, each) for number, each in enumerate(told, 1)),
        evidence={"anomalies": [each.key for each in told], "precision": _evidence(known)},
    )


def _table(told: Sequence[Told]) -> Iterator[str]:
    yield "| Anomaly | Since (UTC) | What came | Deployed before |"
    yield "|---|---|---|---|"
    for each in told:
        near = plain(", ".join(each.deployments)) or "nothing"
        yield f"| {plain(each.series)} | {each.since:%Y-%m-%d %H:%M} | {plain(each.numbers)} | {near} |"


def _so_far(known: Mapping[str, Precision]) -> Iterator[str]:
    if not known:
        yield "No rule was judged before."
        return
    yield "| Rule | Right | Told as |"
    yield "|---|---|---|"
    for rule, each in known.items():
        yield f"| {plain(rule)} | {each.confirmed} of {each.judged} ({each.share:.0%}) | {'low' if each.demoted else 'medium'} |"


def _evidence(known: Mapping[str, Precision]) -> dict[str, dict[str, int]]:
    return {rule: {"confirmed": each.confirmed, "judged": each.judged} for rule, each in known.items()}


def _field(number: int, each: Told) -> Field:
    return Field(
        name=f"anomaly_{number}",
        title=f"{each.series} since {each.since:%Y-%m-%d %H:%M} UTC",
        choices=(REAL, FALSE_ALARM, UNSURE),
        default=UNSURE,
        description=each.numbers,
        object=each.key,
    )
