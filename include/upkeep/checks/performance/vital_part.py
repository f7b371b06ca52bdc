"""A part of the answer about web vitals, from one source: browsers, others who publish, or CI's laboratory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from upkeep.answer import Answer, Finding, Metric
from upkeep.record import Record


@dataclass(frozen=True, slots=True)
class VitalPart:
    """What one source says; `unknown` is what it should say and does not."""

    text: str
    findings: tuple[Finding, ...] = ()
    metrics: tuple[Metric, ...] = ()
    records: tuple[Record, ...] = ()
    unknown: tuple[str, ...] = ()
    remedy: str = ""


def together(parts: Sequence[VitalPart]) -> Answer:
    """One answer: what was found counts, and without a finding what is unknown anywhere makes it unknown."""
    text = "; ".join(text for part in parts for text in (part.text, *part.unknown) if text)
    findings = [finding for part in parts for finding in part.findings]
    metrics = [metric for part in parts for metric in part.metrics]
    records = tuple(record for part in parts for record in part.records)
    remedy = "; ".join(part.remedy for part in parts if part.unknown and part.remedy)
    if findings or not any(part.unknown for part in parts):
        return Answer.judged(
            text, findings=findings, metrics=metrics, records=records, evidence={"remedy": remedy} if remedy else {}
        )
    return replace(Answer.unknown(text, remedy, metrics=metrics), records=records)
