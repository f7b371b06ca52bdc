"""
Metrics as lines for COPY, made quickly: what repeats from row to row is spelled once.

The text form is that of PostgreSQL's manual under COPY, "Text Format": tab between columns, backslash before what is special.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from itertools import islice

from upkeep.answer import Metric
from upkeep.store.plain import clean, to_json

LONGEST_LABEL = 160
_LINES = 500
_SPECIAL = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def chunks(base: tuple[str, ...], metrics: Iterable[Metric], window_end: datetime) -> Iterator[str]:
    """Text for COPY, several hundred lines at a time. `base` are the first columns, the same on every line."""
    made = _lines(base, metrics, window_end)
    while chunk := "".join(islice(made, _LINES)):
        yield chunk


def _lines(base: tuple[str, ...], metrics: Iterable[Metric], window_end: datetime) -> Iterator[str]:
    start = "\t".join(map(_spelled, base))
    word, moment, labels = cache(_spelled), cache(datetime.isoformat), cache(_labels)
    for m in metrics:
        at, tags = moment(m.at or window_end), labels(tuple(m.labels.items()))
        numbers = f"{float(m.value)!r}\t{word(m.unit)}\t{_number(m.numerator)}\t{_number(m.denominator)}\t{_number(m.n)}"
        yield f"{start}\t{word(m.name)}\t{tags}\t{at}\t{numbers}\n"


def _spelled(text: str) -> str:
    return clean(text).translate(_SPECIAL)


def _number(value: float | None) -> str:
    return r"\N" if value is None else str(value)


def _labels(items: tuple[tuple[str, str], ...]) -> str:
    return to_json({name: _short(str(value)) for name, value in items}).translate(_SPECIAL)


def _short(text: str) -> str:
    """Labels are part of a key, and an index entry has room for 2,700 bytes; a cut one stays unique by its hash."""
    if len(text) <= LONGEST_LABEL:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{text[: LONGEST_LABEL - 10]}… {digest}"
