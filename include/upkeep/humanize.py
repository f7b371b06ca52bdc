"""Sizes, times, counts and money said in words that fit in a sentence."""

from decimal import Decimal
from math import floor, log10

GIB = 2**30
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_TIMES = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def size(count: float) -> str:
    """Bytes as `12.3 GiB`, in steps of 1024."""
    value, unit = float(count), 0
    while abs(value) >= 1024 and unit < len(_SIZES) - 1:  # noqa: PLR2004 - the step of binary units
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} B" if unit == 0 else f"{value:.1f} {_SIZES[unit]}"


def span(seconds: float) -> str:
    """Seconds as `2.5 h`, in the largest unit that gives at least one."""
    for length, unit in _TIMES:
        if abs(seconds) >= length:
            return f"{seconds / length:.1f}".removesuffix(".0") + f" {unit}"
    return f"{seconds * 1000:.0f} ms" if seconds else "0 s"


def share(part: float) -> str:
    """A part of a whole as `99.93 %` or `0.04 %`: with the digits that a small one, or one near the whole, needs."""
    percent = 100 * part
    rest = min(abs(percent), abs(100 - percent))
    digits = 1 if rest >= 1 or not rest else min(1 - floor(log10(rest)), 6)
    return f"{percent:.{digits}f}".rstrip("0").rstrip(".") + " %"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 slot`, `3 slots`; `many` where adding an s is wrong."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def money(amount: Decimal, currency: str) -> str:
    """`1,234.50 EUR`."""
    return f"{amount:,.2f} {currency}"
