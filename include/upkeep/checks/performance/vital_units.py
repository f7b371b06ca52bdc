"""How numbers of pages are written, and what helps against large ones."""

from upkeep.humanize import size
from upkeep.units import Unit

UNITS = {"lcp": Unit.MILLISECONDS, "inp": Unit.MILLISECONDS, "cls": Unit.TIMES}
REMEDIES = {
    "lcp": "see the server's time to the first byte, what blocks rendering, and the size of the largest image",
    "inp": "see long tasks of scripts after a click, and what can be done later",
    "cls": "give images and embedded parts their size before they load",
}


def written(value: float, unit: Unit) -> str:
    """With its unit: 2,500 ms, 0.12, 312.5 KiB."""
    if unit is Unit.BYTES:
        return size(value)
    return f"{value:.3g}" if unit is Unit.TIMES else f"{value:,.0f}" + (" ms" if unit is Unit.MILLISECONDS else "")
