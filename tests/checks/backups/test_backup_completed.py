"""backup_completed on rows of Upkeep and listings of others: every rule, what is just short of it, and the same window again."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.lab import rules
from upkeep.answer import Answer, Severity, Status
from upkeep.backups.registry import Record, Registry, Restoration, State
from upkeep.checks.backups.backup_completed import backup_completed
from upkeep.errors import BrokenError
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.targets.database import Backup, Database
from upkeep.window import Window

END = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
ROWS = {'public."Bestellung ä"': 250_000, "public.queue": 2_000, "public.t": 10}
MB = 1_000_000


def window(days_ago: int = 0) -> Window:
    end = END - days_ago * DAY
    return Window(end - DAY, end)


@dataclass
class Rows:
    """A registry in memory."""

    kept: dict[str, Record] = field(default_factory=dict)
    restored: list[Restoration] = field(default_factory=list)
    window: Window = field(default_factory=window)
    asked_at: datetime = END + timedelta(hours=1)
    installation: str = "00000000-0000-0000-0000-000000000001"

    @contextmanager
    def claimed(
        self,
        *names: str,
        say: Callable[[str], None] | None = None,  # noqa: ARG002 - nobody waits
        wait: bool = True,  # noqa: ARG002
    ) -> Iterator[None]:
        """Nobody else is here."""
        assert names
        yield

    def assert_claimed(self, *names: str) -> None:
        """Never lost."""
        assert names

    def records(self, target: str) -> list[Record]:
        """Newest first."""
        found = [record for record in self.kept.values() if record.target == target]
        return sorted(found, key=lambda record: record.begun_at, reverse=True)

    def put(self, record: Record) -> None:
        """Keep by id."""
        self.kept[record.id] = record

    def restorations(self, target: str) -> list[Restoration]:
        """Newest first."""
        found = [each for each in self.restored if each.target == target]
        return sorted(found, key=lambda each: each.begun_at, reverse=True)

    def put_restoration(self, restoration: Restoration) -> None:
        """Nobody restores here."""
        raise NotImplementedError


class Nothing:
    """Connections that no backup of Upkeep's own is asked through."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def complete(days_ago: int, **more: Any) -> Record:
    at = END - days_ago * DAY + timedelta(minutes=5)
    usual: dict[str, Any] = {
        "state": State.COMPLETE,
        "snapshot_at": at,
        "finished_at": at + timedelta(minutes=10),
        "verified_at": at + timedelta(minutes=10),
        "stored_bytes": 100 * MB + days_ago,
        "raw_bytes": 400 * MB + days_ago,
        "seconds": {"dump": 500.0, "read back": 100.0},
        "system_identifier": "7711327428475926785",
        "table_rows": ROWS,
    }
    record = Record(
        id=f"{at:%Y%m%dT%H%M%SZ}-3f9c2a",
        target="lab",
        location="file:///b",
        state=State.TAKING,
        window=window(days_ago),
        begun_at=at,
    )
    return replace(record, **{**usual, **more})


def failed(days_ago: int, error: str = "no space is left") -> Record:
    bare: dict[str, Any] = dict.fromkeys(("snapshot_at", "verified_at", "stored_bytes", "raw_bytes"))
    return complete(days_ago, state=State.FAILED, error=error, seconds={}, table_rows={}, **bare)


def kept(*records: Record) -> Rows:
    return Rows({record.id: record for record in records})


def usual(**newest: Any) -> Rows:
    return kept(complete(0, **newest), *(complete(day) for day in range(1, 11)))


def ask(registry: Registry, asked: Window | None = None, backup: Backup | None = None, **thresholds: Any) -> Answer:
    plan = backup or Backup(to="file:///b")
    database = Database(name="lab", owner="tester", connection="lab", backup=plan)
    answer: Answer = backup_completed.ask(database, asked or window(), Nothing(), registry, **thresholds)
    return answer


def found(answer: Answer) -> set[str]:
    return {finding.rule for finding in answer.findings}


@pytest.mark.baseline
def test_a_usual_backup_after_ten_others_is_ok_and_said_with_numbers() -> None:
    answer = ask(usual())
    assert answer.status is Status.OK
    assert "read back and verified" in answer.summary
    assert "95.4 MiB" in answer.summary
    assert "taken in 10 min" in answer.summary
    assert {m.name: m.value for m in answer.metrics} == {"backup_age": 0, "backup_size": 100 * MB, "backup_duration": 600}
    assert {m.labels["tool"] for m in answer.metrics} == {"Upkeep"}
    assert len(answer.evidence["backups"]) == 11
    assert json.dumps(answer.evidence)


@pytest.mark.baseline
def test_the_first_backup_is_ok_and_says_that_its_size_was_not_judged() -> None:
    answer = ask(kept(complete(0)))
    assert answer.status is Status.OK
    assert "only 0 earlier backups" in answer.summary


@pytest.mark.fault
def test_nothing_declared_is_critical_and_shows_the_lines_to_add() -> None:
    database = Database(name="lab", owner="tester", connection="lab")
    answer = backup_completed.ask(database, window(), Nothing(), Rows())
    assert rules(answer) == [("no_backup", "newest backup")]
    assert answer.worst is Severity.CRITICAL
    assert "backup:\n  to:" in answer.findings[0].remedy


@pytest.mark.fault
def test_declared_but_never_taken_is_critical_and_names_the_failed_attempt() -> None:
    assert rules(ask(Rows())) == [("no_backup", "newest backup")]
    answer = ask(kept(failed(0), failed(1)))
    assert answer.worst is Severity.CRITICAL
    assert "no space is left" in answer.findings[0].title
    assert not answer.metrics


@pytest.mark.fault
@pytest.mark.parametrize(("days", "severity"), [(2, Severity.HIGH), (3, Severity.CRITICAL)])
def test_an_old_backup_is_overdue_and_the_failed_attempt_is_named(days: int, severity: Severity) -> None:
    answer = ask(kept(failed(0), complete(days)))
    assert found(answer) == {"backup_overdue"}
    assert answer.worst is severity
    assert "no space is left" in answer.findings[0].title


@pytest.mark.near_miss
def test_within_the_objective_is_not_overdue() -> None:
    assert ask(kept(complete(1))).status is Status.OK
    assert ask(kept(complete(2)), rpo_hours=47.95).status is Status.OK
    assert found(ask(kept(complete(2)), rpo_hours=47.9)) == {"backup_overdue"}


def nightly(days_ago: int, **more: Any) -> Record:
    """A backup of the DAG `backups`, whose windows end an hour after midnight."""
    hour = timedelta(hours=1)
    begun = END - days_ago * DAY + hour + timedelta(minutes=5)
    night = Window(END - (days_ago + 1) * DAY + hour, END - days_ago * DAY + hour)
    return complete(days_ago, **{"window": night, "begun_at": begun, "snapshot_at": begun, **more})


@pytest.mark.baseline
def test_the_nights_backup_is_23_hours_old_when_the_day_is_judged() -> None:
    answer = ask(kept(*(nightly(day) for day in range(1, 12))))
    assert answer.status is Status.OK
    assert [m.value for m in answer.metrics if m.name == "backup_age"] == [22 * 3600 + 55 * 60]


@pytest.mark.near_miss
def test_a_night_that_had_not_ended_by_the_window_is_not_looked_at() -> None:
    later = nightly(0)
    assert found(ask(kept(later, nightly(2)))) == {"backup_overdue"}, "judged again later it says the same"
    cleared = nightly(1, begun_at=END + timedelta(hours=9), snapshot_at=END + timedelta(hours=9))
    assert ask(kept(later, cleared, nightly(2))).status is Status.OK, "a failed night that was cleared counts"


@pytest.mark.near_miss
def test_the_first_backup_of_an_installation_counts_at_once() -> None:
    first = nightly(0, begun_at=END + timedelta(hours=10), snapshot_at=END + timedelta(hours=10))
    assert ask(kept(first)).status is Status.OK
    assert ask(kept(replace(failed(0), id="earlier"), first)).status is Status.OK
    assert found(ask(kept(first), window(2))) == {"no_backup"}, "days before it had none"


@pytest.mark.fault
def test_a_failed_or_half_made_newest_is_medium_inside_the_objective() -> None:
    for newest in (failed(0), complete(0, state=State.TAKING, verified_at=None, snapshot_at=None)):
        answer = ask(kept(newest, complete(1)))
        assert [(f.rule, f.severity) for f in answer.findings] == [("backup_incomplete", Severity.MEDIUM)]


@pytest.mark.near_miss
def test_a_failure_that_a_complete_backup_followed_is_over() -> None:
    again = complete(0, begun_at=END + timedelta(hours=2), snapshot_at=END + timedelta(hours=2))
    assert ask(kept(replace(failed(0), id="earlier"), again, complete(1))).status is Status.OK


@pytest.mark.fault
def test_a_damaged_backup_is_named_and_does_not_count() -> None:
    answer = ask(kept(complete(0, damaged="rows/7.copy.zst: 3 bytes differ"), complete(3)))
    assert found(answer) == {"backup_damaged", "backup_overdue"}
    assert "3 bytes differ" in next(f.title for f in answer.findings if f.rule == "backup_damaged")
    older = ask(kept(complete(0), complete(1, damaged="gone")))
    assert [(f.rule, f.severity) for f in older.findings] == [("backup_damaged", Severity.HIGH)]


@pytest.mark.fault
def test_a_backup_that_shrank_grew_or_took_long_is_found() -> None:
    assert found(ask(usual(raw_bytes=199 * MB))) == {"backup_shrank"}
    assert found(ask(usual(raw_bytes=1201 * MB))) == {"backup_grew"}
    assert found(ask(usual(seconds={"dump": 1801.0}))) == {"backup_slow"}


@pytest.mark.near_miss
def test_just_inside_the_limits_small_databases_and_few_backups_are_not_judged() -> None:
    assert ask(usual(raw_bytes=201 * MB)).status is Status.OK
    assert ask(usual(raw_bytes=1199 * MB)).status is Status.OK
    assert ask(usual(seconds={"dump": 1799.0})).status is Status.OK
    small = [complete(day, raw_bytes=1000, seconds={"dump": 1.0}) for day in range(1, 11)]
    assert ask(kept(complete(0, raw_bytes=15 * MB, seconds={"dump": 299.0}), *small)).status is Status.OK
    assert ask(kept(complete(0, raw_bytes=1), complete(1), complete(2))).status is Status.OK


@pytest.mark.near_miss
def test_one_odd_backup_before_does_not_move_the_median() -> None:
    odd = kept(complete(0), complete(1, raw_bytes=4000 * MB, seconds={"dump": 1.0}), *(complete(day) for day in range(2, 6)))
    assert ask(odd).status is Status.OK


@pytest.mark.fault
def test_lost_and_emptied_tables_are_named() -> None:
    answer = ask(usual(table_rows={"public.queue": 2_000, "public.neu": 1}))
    assert [(f.rule, f.object, f.severity) for f in answer.findings] == [
        ("table_lost", 'public."Bestellung ä"', Severity.HIGH),
        ("table_lost", "public.t", Severity.MEDIUM),
    ]
    assert "new since then: public.neu" in answer.findings[0].title
    assert rules(ask(usual(table_rows={**ROWS, 'public."Bestellung ä"': 0}))) == [("table_emptied", 'public."Bestellung ä"')]


@pytest.mark.near_miss
def test_small_tables_and_queues_that_are_empty_now_and_then_are_not_named() -> None:
    assert ask(usual(table_rows={**ROWS, "public.t": 0})).status is Status.OK
    emptied_before = kept(
        complete(0, table_rows={**ROWS, "public.queue": 0}), complete(1), complete(2, table_rows={**ROWS, "public.queue": 0})
    )
    assert ask(emptied_before).status is Status.OK
    assert ask(usual(table_rows={**ROWS, "public.queue": 1, "public.new": 5})).status is Status.OK


@pytest.mark.fault
def test_a_backup_of_another_server_is_found() -> None:
    assert found(ask(usual(system_identifier="1"))) == {"another_server"}


@pytest.mark.near_miss
def test_a_server_that_was_not_allowed_to_say_which_it_is_is_no_other() -> None:
    assert ask(usual(system_identifier="")).status is Status.OK
    assert ask(usual(system_identifier=None)).status is Status.OK


@pytest.mark.baseline
def test_the_same_window_gives_the_same_answer_after_deletions_and_newer_backups() -> None:
    registry = usual(raw_bytes=199 * MB)
    first = ask(registry)
    for day in range(11):
        at = {5: None}.get(day, END + 2 * DAY)
        state = State.DELETED if at else State.DELETING
        registry.put(replace(registry.kept[complete(day).id], state=state, deleted_at=at))
    registry.put(complete(-1))
    registry.put(failed(-2))
    assert ask(registry) == first


@pytest.mark.fault
def test_what_was_deleted_before_the_window_ended_is_no_backup_but_still_a_measure() -> None:
    gone = [complete(day, state=State.DELETED, deleted_at=END - timedelta(hours=1)) for day in range(1, 5)]
    assert found(ask(kept(*gone))) == {"no_backup"}
    assert found(ask(kept(complete(0, raw_bytes=1), *gone))) == {"backup_shrank"}


def barman_report(folder: Path, *ended: datetime, **more: Any) -> Backup:
    listed = [
        {
            "backup_id": f"{at + timedelta(hours=2):%Y%m%dT%H%M%S}",
            "end_time": f"{at + timedelta(hours=2):%a %b %d %H:%M:%S %Y}",
            "end_time_timestamp": str(int(at.timestamp())),
            "size_bytes": 400 * MB,
            "status": "DONE",
            **more,
        }
        for at in ended
    ]
    path = folder / "barman.json"
    path.write_text(json.dumps({"main": listed}))
    return Backup(taken_by="barman", name="main", report=str(path))


@pytest.mark.baseline
def test_another_tools_backup_counts_as_that_tool_says_and_is_not_called_verified(tmp_path: Path) -> None:
    answer = ask(Rows(), backup=barman_report(tmp_path, *(END - (day * 24 + 20) * timedelta(hours=1) for day in range(5))))
    assert answer.status is Status.OK
    assert "complete as Barman says" in answer.summary
    assert "verified" not in answer.summary
    assert answer.metrics[0].value == 20 * 3600


@pytest.mark.fault
def test_a_listing_that_no_longer_reaches_the_window_is_unknown_and_a_stale_one_overdue(tmp_path: Path) -> None:
    plan = barman_report(tmp_path, END - 2 * DAY, END - 3 * DAY)
    assert ask(Rows(), window(10), plan).status is Status.UNKNOWN
    stale = ask(Rows(), backup=plan)
    assert found(stale) == {"backup_overdue"}
    assert "its report was written" in stale.findings[0].title


@pytest.mark.near_miss
def test_a_backup_that_ended_after_the_window_does_not_make_it_look_fresh(tmp_path: Path) -> None:
    plan = barman_report(tmp_path, END + timedelta(minutes=1), END - 3 * DAY)
    assert found(ask(Rows(), backup=plan)) == {"backup_overdue"}


@pytest.mark.fault
def test_a_report_that_lists_nothing_is_no_backup_and_one_cut_off_is_broken(tmp_path: Path) -> None:
    assert found(ask(Rows(), backup=barman_report(tmp_path))) == {"no_backup"}
    plan = barman_report(tmp_path, END)
    path = Path(str(plan.report))
    for text in ("", path.read_text()[:-9], "no such server", "[1, 2]", "null"):
        path.write_text(text)
        with pytest.raises(BrokenError):
            ask(Rows(), backup=plan)
    path.unlink()
    with pytest.raises(BrokenError, match="cannot be read"):
        ask(Rows(), backup=plan)


def restored(state: str, *, backup_days_ago: int = 0, days_ago: float = 0, **more: Any) -> Restoration:
    at = END - timedelta(days=days_ago) + timedelta(minutes=30)
    made = Restoration(
        id=f"r{days_ago}{state}",
        backup_id=complete(backup_days_ago).id,
        target="lab",
        destination="scratch (18)",
        state=state,
        begun_at=at,
    )
    return replace(made, **more)


def with_restores(rows: Rows, *restores: Restoration) -> Rows:
    return replace(rows, restored=list(restores))


@pytest.mark.baseline
def test_a_newest_backup_that_a_restore_has_proven_says_so() -> None:
    answer = ask(with_restores(usual(), restored("proven")))
    assert answer.status is Status.OK
    assert "proven by a restore on 2026-11-23" in answer.summary


@pytest.mark.fault
@pytest.mark.parametrize(
    ("state", "rule", "text", "more"),
    [
        ("failed", "restore_failed", "failed: relation x does not exist", {"error": "relation x does not exist"}),
        ("differs", "restore_differs", "has 2 differences, such as: table a: 4 rows", {"differences": ("table a: 4 rows", "b")}),
    ],
)
def test_the_newest_backup_with_a_restore_that_went_wrong_is_not_green(
    state: str, rule: str, text: str, more: dict[str, Any]
) -> None:
    earlier = restored("proven", backup_days_ago=1, days_ago=0.5)
    answer = ask(with_restores(usual(), restored(state, **more), earlier))
    assert rules(answer) == [(rule, "newest backup")]
    assert answer.worst is Severity.HIGH
    assert text in answer.findings[0].title
    assert "upkeep backups prove lab" in answer.findings[0].remedy


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "restores",
    [
        [restored("refused", error="is not empty")],
        [restored("running")],
        [restored("failed", backup_days_ago=1)],
        [restored("proven"), restored("failed", days_ago=0.1)],
        [restored("refused"), restored("proven", days_ago=0.1)],
    ],
    ids=["refused", "running", "of an earlier one", "proven since", "refused since"],
)
def test_restores_that_say_nothing_against_the_newest(restores: list[Restoration]) -> None:
    assert ask(with_restores(usual(), *restores)).status is Status.OK


@pytest.mark.near_miss
def test_a_young_system_need_not_have_proven_anything() -> None:
    assert ask(kept(*(complete(day) for day in range(35)))).status is Status.OK
    assert ask(with_restores(kept(*(complete(day) for day in range(60))), restored("proven", days_ago=35))).status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize(
    ("restores", "text"),
    [
        ([], "no backup has ever been proven by a restore, though the first is 37 d"),
        ([restored("failed", backup_days_ago=3, days_ago=3), restored("refused")], "no backup has ever been proven"),
        ([restored("proven", backup_days_ago=37, days_ago=37)], "the last restore that proved a backup was 3"),
    ],
)
def test_too_long_without_a_proof(restores: list[Restoration], text: str) -> None:
    gone = [complete(day, state=State.DELETED, deleted_at=END - DAY) for day in range(8, 38)]
    answer = ask(with_restores(kept(*(complete(day) for day in range(8)), *gone), *restores))
    assert rules(answer) == [("restore_overdue", "restores")]
    assert answer.worst is Severity.MEDIUM
    assert text in answer.findings[0].title
    assert ask(with_restores(kept(*(complete(day) for day in range(8)), *gone), *restores), prove_days=60).status is Status.OK


@dataclass
class Folder:
    """Connections with one folder."""

    path: Path

    def objects(self, _: str, __: str | None) -> ObjectStore:
        """That folder."""
        return open_store(self.path.as_uri())


def ask_in(registry: Registry, folder: Path) -> Answer:
    database = Database(name="lab", owner="tester", connection="lab", backup=Backup(to="file:///b"))
    answer: Answer = backup_completed.ask(database, window(), Folder(folder), registry)
    return answer


@pytest.mark.fault
def test_a_newest_backup_that_only_another_host_has_names_it(tmp_path: Path) -> None:
    made = complete(0)
    answer = ask_in(usual(host="worker-2", location=f"file:///b/lab/{made.id}"), tmp_path)
    assert rules(answer) == [("backup_on_another_host", "newest backup")]
    assert answer.worst is Severity.MEDIUM
    assert "on the local disk of worker-2" in answer.findings[0].title
    assert f"asked on {socket.gethostname()}" in answer.summary


@pytest.mark.near_miss
def test_a_folder_that_both_hosts_have_is_fine(tmp_path: Path) -> None:
    made = complete(0)
    (tmp_path / "manifest.json").touch()
    answer = ask_in(usual(host="worker-2", location=f"file:///b/lab/{made.id}"), tmp_path)
    assert answer.status is Status.OK
    assert "on the local disk of worker-2" in answer.summary
    assert ask(usual(host=socket.gethostname())).status is Status.OK
