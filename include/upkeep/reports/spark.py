"""A line of numbers drawn with eight heights of blocks, for tables of text."""

from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 12


def spark(values: Sequence[float]) -> str:
    """Up to twelve blocks, spread evenly over the values; all alike are half high, and none is nothing."""
    if not values:
        return ""
    count = min(WIDTH, len(values))
    shown = [values[round(place * (len(values) - 1) / max(1, count - 1))] for place in range(count)]
    low, high = min(shown), max(shown)
    if high - low <= 1e-9 * max(abs(high), abs(low)):
        return _BLOCKS[3] * count
    return "".join(_BLOCKS[min(7, int(8 * (value - low) / (high - low)))] for value in shown)
