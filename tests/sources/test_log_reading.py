"""Logs as streams: rotation and hostile texts. What servers write is tested with the check."""

import bz2
import gzip
import json
import lzma
import os
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from upkeep.errors import CannotAskError
from upkeep.formats.duration_steps import Timed
from upkeep.formats.durations import timed
from upkeep.formats.log_entries import LONGEST, Format
from upkeep.formats.log_lines import LinesRead
from upkeep.formats.sql_tokens import CUT
from upkeep.sources.log_files import LogFile, on_this_machine
from upkeep.sources.log_reading import Source, entries_of, read
from upkeep.sources.postgres import Postgres

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
    assert len(found[0].text or "") <= LONGEST + 1
    assert peak < 120_000_000


@pytest.mark.parametrize(("end", "packs"), [("gz", gzip.open), ("bz2", bz2.open), ("xz", lzma.open)])
def test_files_packed_and_rotated_are_in_order(tmp_path: Path, end: str, packs: Callable[..., Any]) -> None:
    cut = STDERR.find(b"2026-11-01 10:00:01.000")
    first, second = STDERR[:cut], STDERR[cut:]
    with packs(tmp_path / f"postgresql.log.1.{end}", "wb") as packed:
        packed.write(first)
    (tmp_path / "postgresql.log").write_bytes(second)
    os.utime(tmp_path / f"postgresql.log.1.{end}", (1, 1))
    found = sorted(on_this_machine(str(tmp_path)), key=lambda f: f.modified)
    assert [f.format for f in found] == ["stderr", "stderr"]
    assert [s.micros for s in timed(read(found, "stderr", PREFIX, "UTC"))] == [5000, 6000]


@pytest.mark.parametrize("end", ["gz", "bz2", "xz"])
def test_a_broken_archive_cannot_be_asked(tmp_path: Path, end: str) -> None:
    (tmp_path / f"postgresql.log.{end}").write_bytes(b"\x1f\x8b no")
    with pytest.raises(CannotAskError, match="cannot be read"):
        list(read(on_this_machine(str(tmp_path)), "stderr", PREFIX, "UTC"))
    with pytest.raises(CannotAskError, match="no log file"):
        on_this_machine(str(tmp_path / "*.csv"))


@pytest.mark.parametrize("end", ["long", "many lines"])
@pytest.mark.parametrize("form", ["stderr", "csvlog", "jsonlog"])
def test_statements_of_megabytes_are_counted_and_cut(form: Format, end: str) -> None:
    text = {"stderr": STDERR, "csvlog": CSV, "jsonlog": JSON}[form]
    more = {"long": b"x" * 3_000_000, "many lines": b"xy\n" * 1_000_000}[end]
    more = more.replace(b"\n", {"stderr": b"\n\t", "csvlog": b'\n""', "jsonlog": b"\\n\\u00e9"}[form])
    counted = LinesRead()
    big = text.replace(b"select 1,", b"select 1," + more)
    chunks = [big[at : at + 65_537] for at in range(0, len(big), 65_537)]
    found = list(timed(read([LogFile("1", AT, lambda: iter(chunks))], form, PREFIX, "UTC", counted)))
    assert [(s.micros, (s.text or "")[:9]) for s in found] == [(5000, "select 1,"), (6000, "select 3")]
    assert found[0].text is not None
    assert found[0].text.endswith(CUT)
    assert len(found[0].text) <= LONGEST + 1
    assert (counted.told, counted.unfitted, counted.foreign) == (2, 0, 0)


def test_a_record_of_csv_in_one_long_line_ends_with_it() -> None:
    big = PLAIN_CSV.replace(b"select 1,\n2", b"select 1," + b"x" * 3_000_000)
    counted = LinesRead()
    found = list(timed(read(files(big), "csvlog", PREFIX, "UTC", counted)))
    assert [(s.micros, (s.text or "")[:9]) for s in found] == [(5000, "select 1,"), (6000, "select 3")]
    assert (counted.told, counted.unfitted, counted.foreign) == (2, 0, 0)


def test_lines_are_counted() -> None:
    for form, text, fitted in (("stderr", STDERR, 3), ("csvlog", CSV, 2), ("jsonlog", JSON, 2)):
        counted, german = LinesRead(), LinesRead()
        list(read(files(text), form, PREFIX, "UTC", counted))  # type: ignore[arg-type]
        assert (counted.fitted, counted.unfitted) == (fitted, 0)
        other = text.replace(b"duration: ", b"Dauer: ").replace(b"ERROR", b"FEHLER")
        assert not list(timed(read(files(other), form, PREFIX, "UTC", german)))  # type: ignore[arg-type]
        assert (german.fitted, german.unfitted, german.lost) == (0, fitted, 2)


def test_another_prefix_is_unfitted() -> None:
    counted = LinesRead()
    assert not statements_counted(STDERR, "%t [%p] %u@%d ", counted)
    assert (counted.fitted, counted.unfitted, counted.lost) == (0, 3, 2)


def statements_counted(text: bytes, prefix: str, counted: LinesRead) -> list[Timed]:
    return list(timed(read(files(text), "stderr", prefix, "UTC", counted)))


def test_impossible_times_are_no_entries() -> None:
    counted = LinesRead()
    assert [s.micros for s in statements_counted(STDERR.replace(b"10:00:00", b"10:99:00"), PREFIX, counted)] == [6000]
    assert counted.unfitted == 1
    for form, text in (("csvlog", CSV), ("jsonlog", JSON)):
        assert len(statements(text.replace(b"2026-11-01 10:00:00", b"2026-99-01 10:00:00"), form=form)) == 1  # type: ignore[arg-type]


CLOUD_SQL = b"".join(
    json.dumps({"insertId": "s", "severity": "INFO", "textPayload": text, "timestamp": "2026-11-01T10:00:00.1Z"}).encode() + b"\n"
    for text in (
        "2026-11-01 10:00:00.100 UTC [7]: [1-1] db=d,user=u LOG:  duration: 5.000 ms  statement: select 1,\n\t2",
        "2026-11-01 10:00:01.100 UTC [7]: [2-1] db=d,user=u LOG:  duration: 6.000 ms  statement: select 3",
        "2026-11-01 10:00:01.200 UTC [9]: [2-1] db=,user= LOG:  checkpoint starting: time",
    )
)


def cloud_native(ms: int, text: str) -> bytes:
    record = {
        "log_time": "2026-11-01 10:00:00.100 UTC", "user_name": "u", "database_name": "d", "process_id": "7", "session_id": "a.7",
        "error_severity": "LOG", "sql_state_code": "00000", "message": f"duration: {ms}.000 ms  statement: {text}",
    }  # fmt: skip
    row = {"level": "info", "ts": "2026-11-01T10:00:00Z", "logger": "postgres", "msg": "record", "record": record}
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


OPERATOR = b'{"level":"info","ts":"2026-11-01T10:00:00Z","logger":"instance-manager","msg":"starting"}\n' * 9
CNPG = OPERATOR + cloud_native(5, "select 1,\n2") + cloud_native(6, "select 3")
SYSLOG = b"""Nov  1 10:00:00 h postgres[7]: [1-1] u@d LOG:  duration: 5.000 ms  statement: select 1,
Nov  1 10:00:00 h postgres[8]: [4-1] v@d LOG:  connection authorized: user=v
Nov  1 10:00:00 h postgres[7]: [1-2] #0112
Nov  1 10:00:01 h cron[9]: (root) CMD (true)
Nov  1 10:00:02 h postgres[7]: [2-1] u@d LOG:  duration: 6.000 ms  statement: select 3
"""


PLAIN_CSV = CSV.replace(b', ""x""', b"")


def in_cri(text: bytes) -> bytes:
    """As a node of Kubernetes keeps what a container says; the first line in two parts."""
    head = b"2026-11-01T10:00:00.123456789Z stdout "
    first, *lines = text.splitlines()
    return b"".join(
        [head + b"P " + first[:9] + b"\n", head + b"F " + first[9:] + b"\n", *(head + b"F " + line + b"\n" for line in lines)]
    )


def in_json_of(key: str, text: bytes) -> bytes:
    """As Docker, journald or a shipper of logs keeps each line."""
    return b"".join(json.dumps({key: line.decode(), "host": "h"}).encode() + b"\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("name", "text", "prefix", "destination"),
    [
        ("0.log", in_cri(CNPG), "", "csvlog"),
        ("0.log", in_cri(JSON), "", "jsonlog"),
        ("0.log", in_cri(PLAIN_CSV), "", "csvlog"),
        ("0.log", in_cri(STDERR), PREFIX, "stderr"),
        ("abc-json.log", in_json_of("log", JSON), "", "jsonlog"),
        ("abc-json.log", in_json_of("log", PLAIN_CSV), "", "csvlog"),
        ("journal.json", in_json_of("MESSAGE", STDERR), PREFIX, "stderr"),
        ("shipped.json", in_json_of("message", STDERR), PREFIX, "stderr"),
        ("shipped.json", in_json_of("message", JSON), "", "jsonlog"),
        ("cloudsql.json", CLOUD_SQL, "%m [%p]: [%l-1] db=%d,user=%u ", "stderr"),
        ("cloudsql.log", CLOUD_SQL, "%m [%p]: [%l-1] db=%d,user=%u ", "stderr"),
        ("cnpg.json", CNPG, "", "csvlog"),
        ("cluster-1.log", CNPG, "", "csvlog"),
        ("syslog", SYSLOG, "%u@%d ", "syslog"),
        ("messages.log", SYSLOG, "%q%u@%d ", "syslog"),
        ("jsonlog.log", JSON, "", "jsonlog"),
        ("postgresql.log", STDERR, PREFIX, "syslog"),
    ],
)
def test_files_of_whoever_carries_the_log(tmp_path: Path, name: str, text: bytes, prefix: str, destination: str) -> None:
    (tmp_path / name).write_bytes(text)
    os.utime(tmp_path / name, (datetime(2026, 11, 2, tzinfo=UTC).timestamp(),) * 2)
    source = Source(
        str(tmp_path), through_server=False, collecting=False, destination=destination, line_prefix=prefix, timezone="UTC"
    )
    counted = LinesRead()
    no_session = cast(Postgres, None)
    found = list(timed(entries_of(no_session, source, AT, counted)))
    assert [(s.micros, (s.text or "").split(), s.user, s.database) for s in found] == [
        (5000, ["select", "1,", "2"], "u", "d"),
        (6000, ["select", "3"], "u", "d"),
    ]
    assert {s.at.replace(microsecond=0, second=0) for s in found} == {datetime(2026, 11, 1, 10, tzinfo=UTC)}
    assert (counted.unfitted, counted.foreign) == (0, 0)
