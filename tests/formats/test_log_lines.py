"""Lines that were understood and not, and examples that say nothing of what they hold."""

from datetime import UTC, datetime, timedelta

import pytest

from upkeep.formats.log_lines import EXAMPLES, FOREIGN_DURATION, LONGEST_EXAMPLE, LinesRead, form
from upkeep.formats.log_prefix import Clock


def test_examples_show_the_form_and_nothing_else() -> None:
    line = (
        b"2026-11-01 10:00:00.123 UTC [77] bob@shop LOG:  duration: 12.000 ms  statement: select 'hunter2', 4711 from caf\xc3\xa9"
    )
    assert form(line).startswith(
        "0000-00-00 00:00:00.000 UTC [00] aaa@aaaa LOG:  duration: 00.000 ms  statement: aaaaaa 'aaaaaa0'"
    )
    assert form(b"\xff hunter2" * 9000).count("hunter") == 0
    assert len(form(b"hunter2 " * 9000)) == LONGEST_EXAMPLE


@pytest.mark.parametrize(
    "message",
    [
        "Dauer: 12.345 ms  Anweisung: select 1", "durée : 12.345 ms, instruction : select 1", "duración: 12,345 ms  sentencia: x",
        "продолжительность: 12.345 мс, оператор: x", "期間: 12.345 ミリ秒  文: x", "durata: 1.000 ms, istruzione: x",
    ],
)  # fmt: skip
def test_durations_in_other_languages_are_seen(message: str) -> None:
    assert FOREIGN_DURATION.match(message.encode())


@pytest.mark.parametrize(
    "message",
    [
        "duration: 12.345 ms  statement: x",
        "checkpoint complete: wrote 5 buffers (0.0%); write=0.443 s",
        "statement: select 1.000 ",
        'automatic vacuum of table "a.b.c": index scans: 0',
        'temporary file: path "x", size 1.000 ',
        "listening on port 5.123 x",
    ],
)  # fmt: skip
def test_other_messages_are_none(message: str) -> None:
    assert FOREIGN_DURATION.match(message.encode()) is None


CLOCK = Clock("UTC")


def misfits(*lines: bytes, read: LinesRead | None = None) -> LinesRead:
    read = read or LinesRead()
    for line in lines:
        read.misfit(line, CLOCK)
    return read


def test_output_of_scripts_is_foreign_and_entries_of_another_form_are_unfitted() -> None:
    read = misfits(b"cp: cannot stat 'x': No such file", b"Traceback (most recent call last):", b"", b"   ", b"took: 1.234 s")
    assert (read.foreign, read.unfitted, read.lost, read.examples) == (3, 0, 0, [])
    read = misfits(b"10:00 u@d LOG:  x", b"FEHLER:  x", b'{"a": 1}')
    assert (read.foreign, read.unfitted, read.lost) == (0, 3, 0)
    told = (
        b"10:00 LOG:  duration: 5.000 ms",
        "СООБЩЕНИЕ:  продолжительность: 12.345 мс".encode(),
        b'{"message":"Dauer: 5.000 ms  x"',
    )
    read = misfits(*told * 2)
    assert (read.foreign, read.unfitted, read.lost, len(read.examples)) == (0, 6, 6, EXAMPLES)
    read.fit(told=True)
    taken, again = read.take(), read.take()
    assert (taken.read, taken.told, again.read, again.lost) == (7, 1, 0, 0)


def test_lines_of_another_time_do_not_count() -> None:
    start = datetime(2026, 11, 1, tzinfo=UTC)
    read = LinesRead(start=start, end=start + timedelta(hours=1))
    outside = (b"2026-10-31 23:59:59.999 UTC,u LOG:  duration: 5.000 ms", b"[1793491199.000] LOG:  duration: 5.000 ms")
    inside = (
        b"u 2026-11-01 00:00:00 UTC LOG:  duration: 5.000 ms",
        b"LOG:  duration: 5.000 ms",
        b"2026-11-01 99:00:00 UTC: 5.000 ms",
    )
    assert misfits(*outside, *inside, read=read).lost == 3
