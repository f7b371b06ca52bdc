"""Durations in every language that PostgreSQL's own translations have: none is read as English, none goes unseen."""

import gettext
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from upkeep.formats.log_entries import csv_entries, json_entries, stderr_entries
from upkeep.formats.log_lines import LinesRead
from upkeep.formats.log_prefix import Clock, Prefixes

MESSAGES = ("duration: %s ms", "duration: %s ms  statement: %s", "duration: %s ms  %s %s%s%s: %s")
PREFIX = "2026-11-01 10:00:00.000 UTC"
# As PostgreSQL 15 writes them, for machines that have no translations.
KNOWN = {
    "de": ("LOG", "Dauer: 12.345 ms  Anweisung: select 1"),
    "fr": ("LOG", "durée : 12.345 ms, instruction : select 1"),
    "ja": ("LOG", "期間: 12.345 ミリ秒  文: select 1"),
    "ru": ("СООБЩЕНИЕ", "продолжительность: 12.345 мс, оператор: select 1"),
    "sv": ("LOGG", "varaktighet 12.345 ms"),
    "zh_CN": ("日志", "耗时: 12.345 ms  语句: select 1"),
}


def translated() -> Iterator[tuple[str, str, str]]:
    """Language, severity and message: those above, and those that are installed here."""
    yield from ((language, *text) for language, text in KNOWN.items())
    for file in sorted(Path("/usr/share/locale").glob("*/LC_MESSAGES/postgres-*.mo")):
        with file.open("rb") as opened:
            text = gettext.GNUTranslations(opened)
        for message in MESSAGES:
            yield file.parts[4], text.gettext("LOG"), filled(text.gettext(message))


def filled(message: str) -> str:
    """With something in each of its places."""
    args = iter(("12.345", "select 1", "parse", "x", "y", "z"))
    return re.sub(r"%(?:\d\$)?s", lambda _: next(args), message)


def read_as_stderr(severity: str, message: str) -> LinesRead:
    read = LinesRead()
    line = f"{PREFIX} [7] u@d {severity}:  {message}".encode()
    list(stderr_entries([line], Prefixes("%m [%p] %q%u@%d "), Clock("UTC"), read))
    return read


def read_as_csv(severity: str, message: str) -> LinesRead:
    read = LinesRead()
    record = f'{PREFIX},"u","d",7,"h",6.7,1,"tag",{PREFIX},3/4,0,{severity},00000,"{message}",,,,,,,,,"app"'
    list(csv_entries([record.encode()], Clock("UTC"), read))
    return read


def read_as_json(severity: str, message: str) -> LinesRead:
    read = LinesRead()
    line = f'{{"timestamp":"{PREFIX}","error_severity":"{severity}","message":"{message}"}}'
    list(json_entries([line.encode()], Clock("UTC"), read))
    return read


@pytest.mark.fault
@pytest.mark.parametrize("read", [read_as_stderr, read_as_csv, read_as_json])
def test_a_duration_in_another_language_is_lost_and_said_to_be(read: Callable[[str, str], LinesRead]) -> None:
    unseen = []
    for language, severity, message in translated():
        if severity == "LOG" and message.startswith("duration: "):
            continue
        found = read(severity, message)
        if (found.lost, found.told) != (1, 0):
            unseen.append((language, severity, message))
    assert not unseen


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "line", ["LOG:  connection took 1.234 ms", "took 1.234 ms", "INFO: backup took 12.345 ms", "x  1.234 ms"]
)
def test_what_other_programs_say_of_time_is_no_duration_of_a_statement(line: str) -> None:
    read = LinesRead()
    read.misfit(line.encode(), Clock("UTC"))
    assert read.lost == 0
