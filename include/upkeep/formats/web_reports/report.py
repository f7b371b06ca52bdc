"""What a report of CI tells of pages and bundles: numbers of a laboratory, which say nothing about anybody's browser."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upkeep.units import Unit


class WebReportError(ValueError):
    """A report of a known form that tells nothing; the message says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    One number `of` a page on a device, or of a bundle. `limit` is the budget that the report holds it to.

    `refused` says that its program found it over a budget that the report does not tell.
    """

    of: str
    measure: str
    value: float
    unit: Unit
    limit: float | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class WebReport:
    """
    One report. A newer one of the same `subject` takes its place; `made_at` is None where its program writes no time.

    `varies` says that two runs over the same files differ, so that the median of several tells more than the last.
    """

    subject: str
    values: tuple[Measured, ...]
    made_at: datetime | None = None
    varies: bool = False


class ReportReader:
    """One kind of report. Subclasses are the kinds, one file each."""

    @staticmethod
    def read(document: Any) -> WebReport | None:
        """The report; None of another kind. Raises WebReportError for one that tells nothing."""
        raise NotImplementedError


def number(value: Any) -> float | None:
    """A number that can be a time, a size or a score; None of anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none of anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def part(value: Any, *names: str) -> Any:
    """What stands under these names, one in the other; None where one is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
