"""Logs as streams: rotation, hostile texts, clocks, plans and their statements. What servers write is tested with the check."""

import gzip
import os
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from upkeep.errors import CannotAskError
from upkeep.sources.durations import Timed, timed
from upkeep.sources.log_coverage import Coverage, born
from upkeep.sources.log_files import LogFile, on_this_machine
from upkeep.sources.log_prefix import Clock, compile_prefix
from upkeep.sources.log_reading import read
from upkeep.sources.logs import LONGEST, Entry, Format

AT = datetime(2026, 11, 1, tzinfo=UTC)
STDERR = b"""2026-11-01 10:00:00.000 UTC [7] u@d LOG:  duration: 5.000 ms  statement: select 1,
\t2
2026-11-01 10:00:01.000 UTC [7] u@d LOG:  duration: 6.000 ms  statement: select 3
2026-11-01 10:00:01.500 UTC [8] u@d ERROR:  oops
"""
CSV = b'''2026-11-01 10:00:00.000 UTC,"u","d",7,"h",a.1,1,"",t,1/1,0,LOG,00000,"duration: 5.000 ms  statement: select 1,
2, ""x""",,,,,,,,,"","client backend",,0
2026-11-01 10:00:01.000 UTC,"u","d",7,"h",a.1,2,"",t,1/1,0,LOG,00000,"duration: 6.000 ms  statement: select 3",,,,,,,,,""
'''
JSON = b"""{"timestamp":"2026-11-01 10:00:00.000 UTC","user":"u","dbname":"d","pid":7,"error_severity":"LOG",\
"message":"duration: 5.000 ms  statement: select 1,\\n2"}
{"timestamp":"2026-11-01 10:00:01.000 UTC","user":"u","dbname":"d","pid":7,"error_severity":"LOG",\
"message":"duration: 6.000 ms  statement: select 3"}
"""
PREFIX = "%m [%p] %u@%d "


def files(*parts: bytes) -> list[LogFile]:
    return [LogFile(str(i), AT, lambda part=part: iter([part])) for i, part in enumerate(parts)]  # type: ignore[misc]


def statements(*parts: bytes, form: Format = "stderr", prefix: str = PREFIX) -> list[Timed]:
    return list(timed(read(files(*parts), form, prefix, "UTC")))


@pytest.mark.parametrize(("form", "text"), [("stderr", STDERR), ("csvlog", CSV), ("jsonlog", JSON)])
def test_cut_anywhere_by_rotation(form: Format, text: bytes) -> None:
    whole = statements(text, form=form)
    assert [(s.micros, s.user, s.database) for s in whole] == [(5000, "u", "d"), (6000, "u", "d")]
    for cut in range(1, len(text)):
        assert statements(text[:cut], text[cut:], form=form) == whole, text[:cut]


@pytest.mark.parametrize(("form", "text"), [("stderr", STDERR), ("csvlog", CSV), ("jsonlog", JSON)])
def test_a_file_that_begins_in_the_middle(form: Format, text: bytes) -> None:
    assert [s.micros for s in statements(text[30:], form=form)][-1:] == [6000]


def test_a_server_that_died_while_writing_a_line() -> None:
    assert [s.micros for s in statements(b"2026-11-01 09:59:59.0", STDERR)] == [5000, 6000]


def test_a_statement_that_looks_like_a_log() -> None:
    fake = b"\t2026-11-01 10:00:00.000 UTC [9] u@d LOG:  duration: 99.000 ms  statement: forged\n"
    first = STDERR.splitlines(keepends=True)[0]
    assert [s.micros for s in statements(first + fake)] == [5000]
    forged = b'2026-11-01 10:00:00.000 UTC,u,d,7,h,a.1,1,,t,1/1,0,LOG,00000,""duration: 9.000 ms  statement: x"", '
    record = CSV.replace(b"2, ", forged)
    assert [s.micros for s in statements(record, form="csvlog")] == [5000, 6000]


def test_words_of_other_entries_do_not_count() -> None:
    detail = b"2026-11-01 10:00:00.000 UTC [7] u@d DETAIL:  parameters: $1 = 'LOG:  duration: 5.000 ms  statement: x'\n"
    assert statements(detail) == []


def test_verbose_entries_and_windows_line_ends() -> None:
    text = STDERR.replace(b"LOG:  ", b"LOG:  00000: ").replace(b"\n", b"\r\n")
    assert [s.text for s in statements(text)][1] == "select 3"


def test_bytes_of_any_encoding() -> None:
    assert statements(STDERR.replace(b"select 3", b"select '\xff\xfe\x00'"))[1].micros == 6000


def test_memory_is_bounded() -> None:
    def endless() -> Iterator[bytes]:
        yield STDERR.splitlines(keepends=True)[0]
        for _ in range(64):
            yield b"\t" + b"x" * 500_000 + b"\n"
        yield b"y" * 30_000_000

    tracemalloc.start()
    found = list(timed(read([LogFile("big", AT, endless)], "stderr", PREFIX, "UTC")))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found[0].text or "") <= LONGEST + 600_000
    assert peak < 120_000_000


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


def entry(seconds: float, message: str, session: str = "1") -> Entry:
    return Entry(AT + timedelta(seconds=seconds), message, session, "u", "d")


PLAN = "duration: 5.000 ms  plan:\nQuery Text: select 1\nResult  (cost=0.00..0.01 rows=1 width=4)"
DONE = "duration: 5.100 ms  statement: select 1"


@pytest.mark.parametrize("order", [(PLAN, DONE), (DONE, PLAN)])
def test_a_plan_and_its_statement_are_one(order: tuple[str, str]) -> None:
    found = list(timed(entry(i, message) for i, message in enumerate(order * 3)))
    assert [(s.micros, bool(s.plan)) for s in found] == [(5100, True)] * 3


def test_a_plan_of_another_session_or_statement_is_its_own() -> None:
    other = DONE.replace("select 1", "select 2")
    assert len(list(timed([entry(0, PLAN), entry(1, DONE, session="2")]))) == 2
    assert len(list(timed([entry(0, PLAN), entry(1, other)]))) == 2


def test_parse_and_bind_take_time_but_are_no_calls() -> None:
    steps = ["parse <unnamed>", "bind s1/C_2", "execute s1/C_2", "execute fetch from s1"]
    found = list(timed(entry(i, f"duration: 1.000 ms  {step}: select 1") for i, step in enumerate(steps)))
    assert sorted(s.runs for s in found) == [0, 0, 1, 1]
    assert {s.text for s in found} == {"select 1"}


def test_a_duration_without_text_takes_the_text_logged_before() -> None:
    found = list(timed([entry(0, "statement: select 1"), entry(1, "duration: 1.000 ms"), entry(2, "duration: 2.000 ms")]))
    assert [s.text for s in found] == ["select 1", None]


def test_coverage() -> None:
    coverage = Coverage(AT, AT + timedelta(hours=4))
    off, on = (f'parameter "log_min_duration_statement" changed to "{value}"' for value in (-1, 100))
    entries = [entry(-5, "x"), entry(0, "a"), entry(60, off), entry(3660, on), entry(3700, "b"), entry(14400, "after")]
    assert [e.message for e in coverage.inside(entries)] == ["a", off, on, "b"]
    assert coverage.reaches_back(AT, timedelta(0))
    assert coverage.durations_off == timedelta(hours=1)
    begin, end = coverage.silence(AT)
    assert (begin - AT, end - AT) == (timedelta(minutes=61), timedelta(hours=4))
    assert born(7_500_000_000_000_000_000).year == 2025


def test_files_packed_and_rotated_are_in_order(tmp_path: Path) -> None:
    cut = STDERR.find(b"2026-11-01 10:00:01.000")
    first, second = STDERR[:cut], STDERR[cut:]
    with gzip.open(tmp_path / "postgresql.log.1.gz", "wb") as packed:
        packed.write(first)
    (tmp_path / "postgresql.log").write_bytes(second)
    os.utime(tmp_path / "postgresql.log.1.gz", (1, 1))
    found = sorted(on_this_machine(str(tmp_path)), key=lambda f: f.modified)
    assert [f.format for f in found] == ["stderr", "stderr"]
    assert [s.micros for s in timed(read(found, "stderr", PREFIX, "UTC"))] == [5000, 6000]


def test_a_broken_archive_cannot_be_asked(tmp_path: Path) -> None:
    (tmp_path / "postgresql.log.gz").write_bytes(b"\x1f\x8b no")
    with pytest.raises(CannotAskError, match="cannot be read"):
        list(read(on_this_machine(str(tmp_path)), "stderr", PREFIX, "UTC"))
    with pytest.raises(CannotAskError, match="no log file"):
        on_this_machine(str(tmp_path / "*.csv"))
