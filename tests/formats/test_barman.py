"""Barman's report: states, hours of failed backups, and what is no report."""

from datetime import UTC, datetime
from typing import Any

import pytest

from upkeep.errors import BrokenError
from upkeep.formats.backup_listing import COMPLETE, INCOMPLETE, RUNNING, documents
from upkeep.formats.barman import newest_done, parse


def test_states_and_the_hour_of_failed_backups_named_in_local_time() -> None:
    done = {
        "backup_id": "20261123T020500",
        "end_time": "Mon Nov 23 02:10:00 2026",
        "end_time_timestamp": str(int(datetime(2026, 11, 23, 1, 10, tzinfo=UTC).timestamp())),
        "size_bytes": 5,
        "status": "DONE",
    }
    others = [("20261124T020500", "FAILED"), ("20261125T020500", "STARTED"), ("20261126T020500", "WAITING_FOR_WALS")]
    listed = {"main": [*({"backup_id": key, "status": status} for key, status in others), done]}
    found = {each.id: each for each in parse("main", [listed]).backups}
    assert found["20261123T020500"].state == COMPLETE
    assert found["20261124T020500"].state == INCOMPLETE
    assert found["20261124T020500"].at == datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
    assert found["20261125T020500"].state == RUNNING
    assert "WAL" in found["20261126T020500"].says


def test_the_newest_that_ended_by_a_moment_are_shown_oldest_first() -> None:
    listed = {
        "main": [{"backup_id": f"2026112{day}T0", "end_time_timestamp": str(day)} for day in range(5)] + [{"backup_id": "x"}]
    }
    assert newest_done("main", listed, datetime.fromtimestamp(3, UTC), 2) == ["20261122T0", "20261123T0"]


@pytest.mark.parametrize(
    "found", [[1], [{"main": [{}]}], [{"main": [{"backup_id": "x"}]}], [{"main": [{"backup_id": "y", "status": "FAILED"}]}]]
)
def test_what_is_no_report_is_said(found: list[Any]) -> None:
    with pytest.raises(BrokenError, match="no report that Upkeep reads"):
        parse("main", found)


@pytest.mark.parametrize("text", ["", "  ", '{"a": 1} {', "nothing", "[" * 100_000])
def test_documents_that_are_cut_are_said(text: str) -> None:
    with pytest.raises(BrokenError, match="what Barman printed is no report that Upkeep reads"):
        documents("Barman", text)


def test_documents_one_behind_the_other() -> None:
    assert documents("Barman", '{"a": 1}\n\n {"b": 2}') == [{"a": 1}, {"b": 2}]
