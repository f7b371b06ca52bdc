"""The units that numbers of metrics and findings are in, as they stand in rows: words of UCUM where it has one."""

from enum import StrEnum


class Unit(StrEnum):
    """
    A unit. `Metric` and `Finding` accept no other, so that a reader of the rows can rely on the list.

    SHARE is a part of a whole, shown as a percentage; TIMES is how often one number holds another, and may be large. A new kind
    of number gets its member here; one that stands in stored rows is never renamed.
    """

    SHARE = "1"
    TIMES = "x"
    COUNT = "count"
    ROWS = "rows"
    PAGES = "pages"
    XIDS = "xids"
    BYTES = "bytes"
    MILLISECONDS = "ms"
    SECONDS = "s"
    DAYS = "d"
    YEARS = "a"
    PER_SECOND = "1/s"
    PER_DAY = "1/d"
    BYTES_PER_SECOND = "bytes/s"
    BYTES_PER_DAY = "bytes/d"
    COUNT_PER_DAY = "count/d"
    ROWS_PER_DAY = "rows/d"
    XIDS_PER_DAY = "xids/d"

    @classmethod
    def _missing_(cls, value: object) -> None:
        known = ", ".join(cls)
        raise ValueError(f'"{value}" is no unit: use one of {known}, or add it to upkeep.units')
