"""Prefixes of log lines, and the moments that they say."""

from datetime import UTC, datetime

import pytest

from upkeep.errors import CannotAskError
from upkeep.formats.log_prefix import Clock, compile_prefix, epoch_moment


def test_clocks_and_summer_time() -> None:
    berlin = Clock("Europe/Berlin")
    assert berlin.moment("2026-10-25 02:30:00.000 CEST") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert berlin.moment("2026-10-25 02:30:00.000 CET") == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert Clock("America/Sao_Paulo").moment("2026-10-25 02:30:00 -03") == datetime(2026, 10, 25, 5, 30, tzinfo=UTC)
    assert Clock("Asia/Kolkata").moment("2026-10-25 05:30:00 IST") == datetime(2026, 10, 25, tzinfo=UTC)
    with pytest.raises(CannotAskError, match="no known time zone"):
        Clock("Mars/Olympus")


def test_a_prefix_without_time_cannot_be_read() -> None:
    with pytest.raises(CannotAskError, match="has no time"):
        compile_prefix("[%p] %u ")


@pytest.mark.parametrize("zone", ["+05:30", "+0530", "+05"])
def test_a_zone_in_digits_needs_no_name(zone: str) -> None:
    moment = Clock("UTC").moment(f"2026-11-01 10:00:00.250 {zone}")
    assert moment.replace(minute=0) == datetime(2026, 11, 1, 4 if "30" in zone else 5, 0, 0, 250_000, tzinfo=UTC)


def test_seconds_since_1970_with_their_thousandths() -> None:
    assert epoch_moment(" 1793527200.125") == datetime(2026, 11, 1, 10, 0, 0, 125_000, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "yesterday UTC", "2026-13-01 10:00:00 UTC", "10:00:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - in the words of datetime
        Clock("UTC").moment(text)


def test_a_prefix_finds_its_parts_in_a_line() -> None:
    prefix = compile_prefix("%m [%p] %q%u@%d ")
    found = prefix.entry.match(b"2026-11-01 10:00:00.000 UTC [7] shop@db LOG:  duration: 5 ms")
    assert found
    assert {name: found[name] for name in ("pid", "user", "database")} == {"pid": b"7", "user": b"shop", "database": b"db"}
