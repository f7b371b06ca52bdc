"""Large objects: one digest for one content, however it was written and by whichever right it is read."""

from typing import Any

import pytest

from tests.lab import Lab, login
from upkeep.backups import large_objects
from upkeep.backups.manifest import Content

HOLES = "select lo_create(1); select lo_put(1, 10, 'abc'); select lo_put(1, 100000, 'end');"
WHOLE = """
    select lo_from_bytea(1, decode(repeat('00', 10), 'hex') || 'abc' || decode(repeat('00', 99987), 'hex') || 'end');
"""


def content(lab: Lab, user: str = "postgres") -> Content:
    with login(lab.server, user, lab.database).connect("look") as connection, connection.transaction():
        return large_objects.content(connection)


def test_none(lab: Lab) -> None:
    assert (content(lab).rows, content(lab).digest) == (0, "0" * 32)


def test_holes_read_as_zeros(lab: Lab) -> None:
    lab.run(HOLES)
    sparse = content(lab)
    lab.run(f"select lo_unlink(1); {WHOLE}")
    assert content(lab) == sparse


@pytest.mark.parametrize(
    "change",
    [
        "select lo_put(1, 10, 'abd')", "select lo_put(1, 99999, 'x')", "select lo_put(1, 100003, '\\x00')",
        "select lo_from_bytea(2, 'x')", "select lo_from_bytea(3, '\\x0000')",
        "select lo_unlink(1); select lo_create(5); select lo_put(5, 10, 'abc'); select lo_put(5, 100000, 'end')",
    ],
)  # fmt: skip
def test_every_change_is_another_digest(lab: Lab, change: str) -> None:
    lab.run(HOLES)
    before = content(lab)
    lab.run(change)
    assert content(lab).digest != before.digest


def test_an_empty_one_is_counted(lab: Lab) -> None:
    lab.run("select lo_create(9)")
    assert content(lab).rows == 1


def test_rights_on_each_do_as_well_as_the_right_on_all(lab: Lab) -> None:
    lab.run(
        f"{HOLES} select lo_create(2); select lo_from_bytea(3, repeat('z', 5000)::bytea); select lo_from_bytea(4, '\\x000000')"
    )
    lab.run("do $$ begin create role lo_reader login; exception when duplicate_object then null; end $$")
    for number in (1, 2, 3, 4):
        lab.run(f"grant select on large object {number} to lo_reader")
    assert content(lab, "lo_reader") == content(lab)


def test_the_server_makes_no_temporary_files(lab: Lab) -> None:
    lab.run("select lo_from_bytea(0, convert_to(repeat(md5(i::text), 40000), 'UTF8')) from generate_series(1, 30) as i; analyze")
    question = "select pg_stat_clear_snapshot(), temp_bytes from pg_stat_database where datname = current_database()"

    def written() -> Any:
        with lab.endpoint.connect("look") as connection:
            connection.execute("select pg_stat_force_next_flush()")
            return (connection.execute(question.encode()).fetchone() or (None, 0))[1]

    before = written()
    assert content(lab).rows == 30
    assert written() == before
