"""
How values of a fixed width come in a binary COPY, how they stand in Parquet, and how DuckDB gives the same bytes back.

What is compared are PostgreSQL's own bytes: a mapping is right when the file, read by DuckDB, gives them again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# PostgreSQL counts from 2000 on.
_DAYS, _DAY_US = 10_957, 86_400_000_000
_YEAR_1, _YEAR_10000 = -730_119, 2_921_940
_MOMENT = "epoch_us({0}) - 946684800000000"


@dataclass(frozen=True, slots=True)
class Form:
    """
    One fixed width. `code` is numpy's name of what comes, `native` of the same number here, `shift` what Arrow counts more.

    Numbers from `first` to before `end` are what a file can hold; `infinite` ones are named so.
    """

    code: str
    again: str = "{0}"
    shift: int = 0
    first: int | None = None
    end: int | None = None

    @property
    def width(self) -> int:
        """Bytes."""
        return int(self.code[-1])

    @property
    def native(self) -> str:
        """The same number in this machine's order."""
        return self.code.replace(">", "=")

    def beyond(self, values: "NDArray[np.int64]") -> "NDArray[np.bool_]":
        """Which of these a file cannot hold."""
        import numpy as np

        if self.first is None or self.end is None:
            return np.zeros(len(values), dtype=bool)
        return (values < self.first) | (values >= self.end)

    def text_of(self, value: int) -> str:
        """A value that a file cannot hold, in words."""
        if self.first == 0:
            return "24:00:00"
        most = (1 << (8 * self.width - 1)) - 1
        known = {most: "infinity", -most - 1: "-infinity"}
        return known.get(value, "of a year before 1 or after 9999")


FORMS = {
    "int16": Form(">i2"),
    "int32": Form(">i4"),
    "int64": Form(">i8"),
    "uint32": Form(">u4"),
    "bool": Form(">u1", "cast({0} as utinyint)"),
    "float": Form(">u4"),
    "double": Form(">u8"),
    "date32[day]": Form(">i4", "cast(date_diff('day', date '2000-01-01', {0}) as integer)", _DAYS, _YEAR_1, _YEAR_10000),
    "time64[us]": Form(">i8", "epoch_us({0})", 0, 0, _DAY_US),
    "timestamp[us]": Form(">i8", _MOMENT, _DAYS * _DAY_US, _YEAR_1 * _DAY_US, _YEAR_10000 * _DAY_US),
    "timestamp[us, tz=UTC]": Form(">i8", _MOMENT, _DAYS * _DAY_US, _YEAR_1 * _DAY_US, _YEAR_10000 * _DAY_US),
}
FLOATS = {"float": "f4", "double": "f8"}


def one_nan(stored: str, bits: "NDArray[np.unsignedinteger]") -> "NDArray[np.unsignedinteger]":
    """Every NaN as the same bits: programs do not keep which of them it is."""
    import numpy as np

    missing = np.isnan(bits.view(FLOATS[stored]))
    if not missing.any():
        return bits
    nan = np.array([np.nan], dtype=FLOATS[stored]).view(bits.dtype)
    return np.where(missing, nan, bits)
