"""A copy of another tool's: links that lead out are refused, production's settings are never written through, words are read."""

from pathlib import Path

import pytest

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources import physical_copy
from upkeep.sources.control_data import parse
from upkeep.sources.physical_copy import NotRecoveredError, refuse_links_out
from upkeep.sources.scratch import ScratchServer, free_port

SAID = """Database system identifier:           7712479180445079936
Latest checkpoint's TimeLineID:       1
Latest checkpoint's NextXID:          {next}
Latest checkpoint's oldestActiveXID:  {oldest}
max_connections setting:              100
max_prepared_xacts setting:           7
Bytes per WAL segment:                16777216
"""


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_not(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own / "tablespaces/1", own / "data", other):
        folder.mkdir(parents=True)
    (own / "data/inside").symlink_to(own / "tablespaces/1")
    refuse_links_out(own)
    (own / "data/pg_wal").symlink_to(other)
    with pytest.raises(BrokenError, match=r"has a link out of its folder \(data/pg_wal\)"):
        refuse_links_out(own)


def test_what_is_written_over_a_link_leaves_its_end_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "postgresql.conf"
    theirs.write_text("production's own")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/postgresql.conf").symlink_to(theirs)
    physical_copy._write(tmp_path / "data/postgresql.conf", "ours")  # noqa: SLF001 - the one that must not follow
    assert theirs.read_text() == "production's own"
    assert (tmp_path / "data/postgresql.conf").read_text() == "ours"


@pytest.mark.parametrize(
    ("following", "oldest", "expected"),
    [
        ("0:743", 740, 740),
        ("3:10", 4_294_967_290, (2 << 32) + 4_294_967_290),
        ("3:10", 7, (3 << 32) + 7),
        ("2:55", 0, (2 << 32) + 55),
    ],
)
def test_the_oldest_transaction_is_told_across_the_end_of_a_round(following: str, oldest: int, expected: int) -> None:
    control = parse(SAID.format(next=following, oldest=oldest))
    assert control.oldest_xid == expected
    assert control.least == {"max_connections": "100", "max_prepared_transactions": "7"}


def test_words_that_say_nothing_are_unknown() -> None:
    with pytest.raises(CannotAskError, match="nothing that Upkeep reads"):
        parse("pg_control version number: 1300")


@pytest.mark.parametrize(
    ("message", "kind", "word"),
    [
        ("FATAL:  database locale is incompatible with operating system", CannotAskError, "locale of the cluster"),
        ("PANIC:  resource manager with ID 128 not registered", CannotAskError, "needs a library"),
        ("FATAL:  could not write: No space left on device", CannotAskError, "became full"),
        ("FATAL:  could not locate required checkpoint record", NotRecoveredError, "could not locate required checkpoint"),
    ],
)
def test_why_a_copy_does_not_start_is_told_apart(tmp_path: Path, message: str, kind: type[Exception], word: str) -> None:
    server = ScratchServer(tmp_path, free_port())
    server.log.write_text(f"LOG:  starting\n{message}\n")
    found = physical_copy._not_recovered(server, OSError("ended"))  # noqa: SLF001 - as recover and let_us_in say it
    assert isinstance(found, kind)
    assert word in str(found)


def test_the_end_of_the_wal_is_read_from_the_history_of_the_promotion(tmp_path: Path) -> None:
    (tmp_path / "pg_wal").mkdir()
    (tmp_path / "pg_wal/00000002.history").write_text("1\t0/3000000\tbefore\n")
    (tmp_path / "pg_wal/00000003.history").write_text("1\t0/3000000\tx\n2\t1/4000060\tno recovery target specified\n")
    control = parse(SAID.format(next="0:743", oldest=740))
    assert physical_copy._ended_at(tmp_path, control) == (2, (1 << 32) + 0x4000060)  # noqa: SLF001
