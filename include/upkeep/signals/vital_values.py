"""What places tell of web vitals in browsers."""

from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.formats.crux_record import Published


@dataclass(frozen=True, slots=True)
class VitalCount:
    """How many page views of a device had this value: milliseconds of lcp and inp, the score of cls."""

    device: str
    vital: str
    value: float
    n: int = 1


@dataclass(frozen=True, slots=True)
class Vitals:
    """
    What a place tells of a window, and notes on what it could not read.

    `published` are percentiles of others without how many were measured; `unknown` says what should be there and cannot be told.
    """

    counts: Sequence[VitalCount]
    notes: tuple[str, ...] = ()
    published: tuple[Published, ...] = ()
    unknown: tuple[str, ...] = ()
