"""Prefixes of log lines, and the moments that they say."""

from datetime import UTC, datetime

import pytest

from tests.growth import cpu_seconds
from upkeep.errors import CannotAskError
from upkeep.formats.log_prefix import Clock, Prefixes, compile_prefix, epoch_moment


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


PREFIXES = (
    "%m [%p] %q%u@%d %a %h ", "%a %u %d %m %h %i ", "%m %a%u%d%h", "%a,%h,%i %s %v %x %b [%m] ", "%m %10a %-20u %5p%a%l ", "%m",
    "%t:%r:%u@%d:[%p]: ", "< %m %-12u %10d %e >%%", "%n %c %a|%u|%d ", "%a%q%m ", "%m %q%a %q%u ", "%m     [%p]   %u ",
)  # fmt: skip


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "text", ["word ", "@ ", " ", "2026-11-01 10:00:00.000 UTC ", "LOG: ", "LOG:  du", "[7] a@b ", "|", "1", "/"]
)
def test_any_prefix_reads_a_long_line_in_proportion_to_its_length(prefix: str, text: str) -> None:
    entry = compile_prefix(prefix, [b"d", b"word word", b"@"])
    head = b"2026-11-01 10:00:00.000 UTC [7] u@d a h "
    short, long = (head + text.encode() * (size // len(text)) for size in (4_000, 64_000))
    plain = cpu_seconds(lambda: entry.match(b"2026-11-01 10:00:00.000 UTC [7] u@d a h " + b"x" * 64_000))
    took = cpu_seconds(lambda: entry.match(long))
    assert took < 100 * max(plain, cpu_seconds(lambda: entry.match(short)), 1e-4)


def test_a_line_of_3200_words_is_read_as_quickly_as_one_long_word() -> None:
    entry = compile_prefix("%m [%p] %q%u@%d %a %h ").entry
    head, body = b"2026-11-01 10:00:00.000 UTC [7] bob@shop psql local ", b"word " * 3200
    found = entry.match(head + b"LOG:  duration: 1.000 ms  statement: " + body)
    assert found
    assert (found["user"], found["database"], found["severity"]) == (b"bob", b"shop", b"LOG")
    assert cpu_seconds(lambda: entry.match(head + body)) < 50 * max(cpu_seconds(lambda: entry.match(head + b"x" * 16_000)), 1e-5)


@pytest.mark.parametrize(
    ("prefix", "line", "database"),
    [
        ("%m [%p] %q%u@%d ", "2026-11-01 10:00:00.000 UTC [7] LOG:  x", None),
        ("%m [%p] %q%u@%d ", "2026-11-01 10:00:00.000 UTC [7] u@my shop LOG:  x", b"my shop"),
        ("%m [%p] %q%u@%d", "2026-11-01 10:00:00.000 UTC [7] u@dERROR:  22012: x", b"d"),
        ("%m %d/%a: ", "2026-11-01 10:00:00.000 UTC d/my / app: STATEMENT:  x", b"d"),
        ("%m [%p]  %q%d ", "2026-11-01 10:00:00.000 UTC [7] d LOG: x", b"d"),
        ("%t %d ", "2026-11-01 10:00:00 UTC d LOG: x", b"d"),
        ("%m %d ", "2026-11-01 10:00:00.000 +0530 d LOG:  x", b"d"),
        ("%m %d ", "2026-11-01 10:00:00.000 UTC+5 d LOG:  x", b"d"),
        ("%m [%p]: [%l-1] db=%d,user=%u ", "2026-11-01 10:00:00.000 UTC [7]: [3-1] db=d,user=u LOG:  x", b"d"),
        ("%m %5p %-8d", "2026-11-01 10:00:00.000 UTC     7 d       LOG:  x", b"d       "),
    ],
)
def test_lines_of_every_process(prefix: str, line: str, database: bytes | None) -> None:
    found = compile_prefix(prefix).entry.match(line.encode())
    assert found
    assert found["database"] == database
    assert line[found.end() :] == "x"


SPACED = (b"my shop", b"my", b"shop", b"my shop 2")


@pytest.mark.parametrize(
    ("prefix", "names", "database"),
    [
        ("%d %a ", "my shop psql", b"my shop"),
        ("%d %a ", "my shop DBeaver 24 - Main", b"my shop"),
        ("%d %a ", "my shop 2 psql", b"my shop 2"),
        ("%d %a ", "shop my shop", b"shop"),
        ("%a %d ", "my app my shop", b"my shop"),
        ("%u %d ", "my self shop", b"shop"),
        ("%u@%d %a %h ", "me@my shop my app local", b"my shop"),
        ("%a-%d ", "a-b-my shop", b"my shop"),
        ("%-10d %a ", "my shop    psql", b"my shop"),
        ("%d %a ", "other one psql", b"other"),
        ("%d %a ", " psql", b""),
    ],
)
@pytest.mark.parametrize("head", ["%m ", "%m [%p] %q"])
def test_a_name_that_holds_what_stands_between_names(head: str, prefix: str, names: str, database: bytes) -> None:
    start = "2026-11-01 10:00:00.000 UTC " + ("[7] " if "%p" in head else "")
    found = compile_prefix(head + prefix, SPACED).match(f"{start}{names} LOG:  x".encode())
    assert found
    assert found["database"].strip() == database


def test_a_name_in_another_encoding_is_found_by_its_bytes() -> None:
    line = "2026-11-01 10:00:00.000 UTC [7] bücher laden psql LOG:  x".encode("latin-1")
    found = compile_prefix("%m [%p] %d %a ", ["bücher laden".encode("latin-1")]).match(line)
    assert found
    assert found["database"] == b"b\xfccher laden"


def test_processes_without_a_database_are_read_where_names_are_known() -> None:
    found = compile_prefix("%m [%p] %q%d %a ", SPACED).match(b"2026-11-01 10:00:00.000 UTC [7] LOG:  checkpoint")
    assert found
    assert found["database"] is None


@pytest.mark.parametrize(
    "line", ["2026-11-01 10:00:00.000 UTC [7] u@d FEHLER:  x", "2026-11-01 10:00:00.000 UTC u@d LOG:  x", "LOG:  x"]
)
def test_what_does_not_fit_does_not_match(line: str) -> None:
    assert compile_prefix("%m [%p] %q%u@%d ").entry.match(line.encode()) is None


def test_a_prefix_that_the_log_announces_is_read_from_then_on() -> None:
    prefixes = Prefixes("%m [%p] ")
    told = b'LOG:  parameter "log_line_prefix" changed to "'
    assert prefixes.match(b"7,2026-11-01 10:00:00 UTC LOG:  x") is None
    assert prefixes.match(b"7,2026-11-01 10:00:00 UTC " + told + b'%p,%t "')
    assert prefixes.match(b"7,2026-11-01 10:00:00 UTC LOG:  x")
    assert prefixes.match(b"2026-11-01 10:00:00.000 UTC [7] LOG:  x"), "the one before is read too"
    for forged in (b'%u "', b'(%t "', b'%t" x', b'%p,%t "'):
        prefixes.match(b"2026-11-01 10:00:00.000 UTC [7] " + told + forged)
    assert prefixes.first.entry.match(b"2026-11-01 10:00:00.000 UTC [7] LOG:  x")
