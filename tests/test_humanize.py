"""quantity: words for numbers."""

import pytest

from upkeep.humanize import GIB, plural, share, size, span


@pytest.mark.parametrize(
    ("count", "message"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (2.5 * GIB, "2.5 GiB"), (GIB**3, "1099511627776.0 PiB")],
)
def test_sizes(count: float, message: str) -> None:
    assert size(count) == message


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(0, "0 s"), (0.25, "250 ms"), (1, "1 s"), (90, "1.5 min"), (7200, "2 h"), (86_400 * 3, "3 d"), (-90, "-1.5 min")],
)
def test_spans(seconds: float, message: str) -> None:
    assert span(seconds) == message


def test_plurals() -> None:
    assert plural(1, "index", "indexes") == "1 index"
    assert plural(2, "index", "indexes") == "2 indexes"
    assert plural(1200, "slot") == "1,200 slots"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        (0, "0 %"), (1, "100 %"), (0.5, "50 %"), (0.125, "12.5 %"), (0.01, "1 %"), (0.0004, "0.04 %"), (0.00123, "0.12 %"),
        (0.9993, "99.93 %"), (0.99999, "99.999 %"), (1.05, "105 %"), (-0.02, "-2 %"),
    ],
)  # fmt: skip
def test_a_share_has_the_digits_that_it_needs(part: float, text: str) -> None:
    assert share(part) == text
