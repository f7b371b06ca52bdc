"""Shapes of queries in a span against the span before: new, vanished, changed, steady, or not to be compared."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from upkeep.formats.query_shape import fingerprint
from upkeep.record import Record
from upkeep.sources.statement_work import Span, Work
from upkeep.sources.statements import Text

REMEMBERED = 300
NEW, VANISHED, CHANGED, STEADY, NOT_COMPARED = "new", "vanished", "changed", "steady", "not compared"


@dataclass(frozen=True, slots=True)
class QueryPattern(Record):
    """One shape in one window; `…_before` are of the span before, scaled to the same length."""

    table: ClassVar[str] = "query_pattern"

    shape: str
    text: str
    kind: str
    calls: int
    total_ms: float
    rows: int
    calls_before: float | None = None
    total_ms_before: float | None = None
    calls_per_transaction: float | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What all statements of one shape did in a span. `new`: none of them was counted before."""

    shape: str
    text: str
    calls: int
    total_ms: float
    rows: int
    new: bool


def shapes_of(span: Span, texts: Mapping[int, Text]) -> list[Shape]:
    """Statements of the same text as one, dearest first: ids change with an upgrade or a restore, and texts do not."""
    groups: dict[str, list[Work]] = defaultdict(list)
    first_texts: dict[str, str] = {}
    for work in span.work:
        if work.queryid in texts:
            text = texts[work.queryid].text
            shape = fingerprint(text)
            groups[shape].append(work)
            first_texts.setdefault(shape, text)
    made = [
        Shape(shape, first_texts[shape], sum(w.calls for w in group), sum(w.total_ms for w in group), sum(w.rows for w in group),
            all(w.new for w in group))
        for shape, group in groups.items()
    ]  # fmt: skip
    return sorted(made, key=lambda s: (-s.total_ms, s.shape))


def compared(
    shapes: Sequence[Shape], before: Mapping[str, Sequence[Any]] | None, hours: float, transactions: int | None, times: float
) -> Iterator[QueryPattern]:
    """Each shape with its kind, then those that vanished. Without `before` nothing is compared."""
    for each in shapes:
        old = (before or {}).get(each.shape)
        calls, total, rows = (amount * hours for amount in old[1:]) if old else (None, None, None)
        kind = NOT_COMPARED if before is None else _kind(each, calls, rows, times)
        yield QueryPattern(each.shape, each.text, kind, each.calls, each.total_ms, each.rows, calls, total,
            each.calls / transactions if transactions else None)  # fmt: skip
    present = {each.shape for each in shapes}
    for shape, (text, calls, total, _) in sorted((before or {}).items()):
        if shape not in present:
            yield QueryPattern(shape, text, VANISHED, 0, 0.0, 0, calls * hours, total * hours)


def _kind(now: Shape, calls: float | None, rows: float | None, times: float) -> str:
    if calls is None or rows is None:
        return NEW if now.new else STEADY  # it was there, and too cheap to be remembered
    more_often = now.calls > times * max(calls, 1)
    more_rows = calls > 0 and now.rows / now.calls > times * max(rows / calls, 1)
    return CHANGED if more_often or more_rows else STEADY
