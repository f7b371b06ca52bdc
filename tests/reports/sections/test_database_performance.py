"""Before and after of every job, table by table and in one sentence."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.jobs.database.world import question
from tests.lab import Lab
from tests.ui.test_maintenance_page import put, work
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Action, Outcome
from upkeep.reports.sections.database_performance import Changed, database_performance, summary
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate

BEFORE = {"dead": 2500, "table_bytes": 4096000, "index_bytes": 1024000, "pages": 500, "visible_pages": 0}
AFTER = {"dead": 500, "table_bytes": 2048000, "index_bytes": 1024000, "pages": 250, "visible_pages": 125}


def test_every_job_stands_with_both_numbers(lab: Lab) -> None:
    migrate(lab.endpoint)
    window = question(lab, vacuum).window
    assert database_performance.make(Rows(lab.session()), window) is None
    bare: dict[str, Any] = {"removed_rows": None, "kept_rows": None, "before": {}, "after": {}}
    put(lab, work("a", before=BEFORE, after=AFTER), work("b", Outcome.LOCKED, after={}))
    put(lab, work("c", **bare), replace(work("a again", before=BEFORE, after=AFTER), table_name="a", action=Action.ANALYZE))
    found = database_performance.make(Rows(lab.session()), window)
    assert found
    assert found.text == "2 tables vacuumed; 1 table analyzed; dead rows 2,500 to 500; tables 3.9 MiB to 2.0 MiB"
    assert found.rows[1] == (
        "lab", "a", "vacuum", "2,500 to 500", "3.9 MiB to 2.0 MiB", "1000.0 KiB", "0% to 50%", "2,000", "", "2.5 s",
    )  # fmt: skip
    assert found.rows[2] == ("lab", "c", "vacuum", "", "", "", "", "", "", "2.5 s"), "what was not measured is not made up"


def test_a_table_worked_on_twice_is_one_line_from_first_to_last(lab: Lab) -> None:
    migrate(lab.endpoint)
    window = question(lab, vacuum).window
    first = work("t", before=BEFORE, after=AFTER)
    put(
        lab,
        first,
        replace(first, id="later", begun_at=first.begun_at + timedelta(minutes=5), before=AFTER, after={**AFTER, "dead": 3}),
    )
    found = database_performance.make(Rows(lab.session()), window)
    assert found
    assert [line[:4] for line in found.rows] == [("lab", "t", "vacuum", "2,500 to 3")]


def test_a_table_that_is_empty_by_now_has_no_share(lab: Lab) -> None:
    migrate(lab.endpoint)
    put(lab, work("t", before=BEFORE, after={**AFTER, "pages": 0, "visible_pages": 0}))
    found = database_performance.make(Rows(lab.session()), question(lab, vacuum).window)
    assert found
    assert found.rows[0][6] == ""


def test_what_was_freed_is_of_what_was_measured_twice() -> None:
    def freed(before: dict[str, float | None], after: dict[str, float | None]) -> float:
        return Changed("shop", "visits", "vacuum", before, after, None, None, None).freed

    assert freed({"table_bytes": 900, "index_bytes": 90}, {"table_bytes": 500, "index_bytes": 100}) == 390
    assert freed({"table_bytes": 900, "index_bytes": 90}, {"table_bytes": 500, "index_bytes": None}) == 400
    assert freed({}, {"table_bytes": 500}) == 0


def test_archived_rows_and_files_are_in_the_sentence() -> None:
    archived = Changed("shop", "visits", "archive", {}, {}, 120_000, 3 * 2**20, 4.0)
    assert summary([archived]) == "1 table archived; 120,000 rows archived into 3.0 MiB"
