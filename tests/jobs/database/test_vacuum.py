"""vacuum: by need, by each table's own settings, in the order of urgency."""

import pytest

from tests.jobs.database.world import Kept, earlier, run, stored
from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.jobs.database.vacuum import vacuum
from upkeep.maintenance.work import Outcome

FILL = "create table {0} as select n as id, repeat('x', 100) as text from generate_series(1, 5000) as n; analyze {0};"


@pytest.fixture
def kept() -> Kept:
    """A journal in memory."""
    return Kept()


def count(lab: Lab, table: str) -> int:
    """How often it was vacuumed by hand."""
    return int(lab.value(f"select vacuum_count from pg_stat_all_tables where relid = '{table}'::regclass"))


@pytest.mark.baseline
def test_where_nothing_is_needed_nothing_is_done(every_lab: Lab, kept: Kept) -> None:
    every_lab.run(FILL.format("t"))
    every_lab.run("vacuum")
    answer = run(every_lab, vacuum, kept)
    assert (answer.status, answer.findings, kept.rows) == (Status.OK, (), {})
    assert answer.summary.startswith("0 of ")


@pytest.mark.near_miss
def test_less_than_starts_autovacuum_is_left_to_it(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("vacuum t")
    lab.run("delete from t where id <= 1040")  # autovacuum begins at 50 + 0.2 x 5000 = 1050
    assert run(lab, vacuum, kept).status is Status.OK
    assert kept.rows == {}
    lab.run("delete from t where id <= 1060")
    run(lab, vacuum, kept)
    assert kept.outcomes() == {"public.t": Outcome.DONE}


@pytest.mark.fault
def test_what_was_done_stands_beside_what_was_predicted(every_lab: Lab, kept: Kept) -> None:
    every_lab.run(FILL.format("t"))
    every_lab.run("delete from t where id <= 2500")
    answer = run(every_lab, vacuum, kept)
    (work,) = kept.rows.values()
    assert (work.outcome, work.predicted_rows, work.removed_rows, work.kept_rows) == (Outcome.DONE, 2500, 2500, 0)
    assert (work.before["dead"], work.after["dead"]) == (2500, 0)
    assert work.after["visible_pages"] > work.before["visible_pages"]
    assert (work.wal_bytes or 0) > 0
    assert "2,500 dead rows, 2.4 times what starts autovacuum (1,050)" in work.reasons[0]
    assert answer.status is Status.OK
    assert run(every_lab, vacuum, kept).summary.startswith("0 of "), "and it is needed no more"


def test_a_table_goes_by_its_own_settings(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("coarse") + FILL.format("fine") + FILL.format("off"))
    for table in ("coarse", "fine", "off"):
        lab.run(f"vacuum {table}")
        lab.run(f"delete from {table} where id <= 1000")
    lab.run("alter table fine set (autovacuum_vacuum_scale_factor = 0.1)")
    lab.run(
        "alter table off set (autovacuum_enabled = off, autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0.1)"
    )
    run(lab, vacuum, kept)
    assert kept.outcomes() == {"public.fine": Outcome.DONE, "public.off": Outcome.DONE}
    assert "autovacuum is off for it" in next(w for w in kept.past() if w.table_name == "public.off").reasons[0]


def test_what_was_only_inserted_counts_by_what_is_not_frozen(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("vacuum (freeze) t")
    lab.run("insert into t select n, 'x' from generate_series(1, 1500) as n")
    # 1000 + 0.2 x 5000 x the part that is not frozen (about 0): 1,500 are more, though fewer than 2,000.
    run(lab, vacuum, kept)
    assert "1,500 rows inserted since the last vacuum" in kept.past()[0].reasons[0]


def test_toast_alone_is_vacuumed_alone(lab: Lab, kept: Kept) -> None:
    lab.run("create table t (id int, body text); alter table t alter body set storage external")
    lab.run("insert into t select n, repeat(md5(n::text), 200) from generate_series(1, 400) as n; analyze t")
    lab.run("vacuum t")
    lab.run("alter table t set (autovacuum_vacuum_threshold = 100000)")
    lab.run("alter table t set (toast.autovacuum_vacuum_threshold = 10, toast.autovacuum_vacuum_scale_factor = 0)")
    lab.run("delete from t where id <= 200")
    answer = run(lab, vacuum, kept, dry_run=True)
    assert "process_main false" in answer.evidence["todo"][0]["statement"]
    run(lab, vacuum, kept)
    (work,) = kept.rows.values()
    assert "dead rows in TOAST" in work.reasons[0]
    assert (work.removed_rows or 0) > 200


def test_past_its_age_a_table_comes_first_and_is_frozen(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("dead") + FILL.format("old"))
    lab.run("delete from dead where id <= 4000")
    lab.run("alter table old set (autovacuum_freeze_max_age = 100000)")
    lab.run("do $$ begin for i in 1..110000 loop perform pg_current_xact_id(); commit; end loop; end $$")
    answer = run(lab, vacuum, kept, dry_run=True)
    first = answer.evidence["todo"][0]
    assert (first["table"], "truncate false" in first["statement"], "freeze" in first["statement"]) == ("public.old", True, False)
    run(lab, vacuum, kept)
    assert [work.table_name for work in reversed(kept.past())][:2] == ["public.old", "public.dead"]
    done = kept.past()[-1]
    assert (done.before["xid_age"] > 100_000, done.after["xid_age"] < 100_000) == (True, True)


def test_what_could_not_be_removed_names_who_holds_it_back(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    report = lab.session(application="report", autocommit=False)
    report.execute("set transaction isolation level repeatable read")
    report.execute("select count(*) from t")
    lab.run("delete from t where id <= 2500")
    answer = run(lab, vacuum, kept, kept_rows=1000)
    (finding,) = answer.findings
    assert (finding.rule, finding.object, finding.value) == ("rows_not_removable", "public.t", 2500)
    assert f"session {report.info.backend_pid} (postgres@" in finding.title
    assert finding.remedy == f"select pg_terminate_backend({report.info.backend_pid});"
    assert kept.past()[0].kept_rows == 2500


def test_who_is_in_another_database_holds_nothing_back(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    with lab.server.endpoint("postgres").connect("elsewhere", autocommit=False) as elsewhere:
        elsewhere.execute("set transaction isolation level repeatable read")
        elsewhere.execute("select 1 from pg_class")
        lab.run("delete from t where id <= 2500")
        run(lab, vacuum, kept)
    assert (kept.past()[0].removed_rows, kept.past()[0].held_back_by) == (2500, None)


def test_a_locked_table_is_passed_over_and_told(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("locked") + FILL.format("free"))
    lab.run("delete from locked where id <= 4000; delete from free where id <= 2000")
    holder = lab.session(autocommit=False)
    holder.execute("lock table locked in access exclusive mode")
    answer = run(lab, vacuum, kept)
    assert kept.outcomes() == {"public.locked": Outcome.LOCKED, "public.free": Outcome.DONE}
    assert rules(answer) == [("vacuum_not_reached", "tables")]
    assert answer.findings[0].severity is Severity.LOW


def test_a_table_that_another_owns_is_not_done_and_the_grant_is_told(every_lab: Lab, kept: Kept) -> None:
    every_lab.run("create role shop; create role worker login")
    every_lab.run(FILL.format("t") + "alter table t owner to shop")
    every_lab.run("delete from t where id <= 4000")
    answer = run(every_lab, vacuum, kept, user="worker")
    assert kept.outcomes() == {"public.t": Outcome.NOT_PERMITTED}
    assert rules(answer) == [("maintenance_not_permitted", "login")]
    every_lab.run(answer.findings[0].remedy)
    assert rules(run(every_lab, vacuum, kept, user="worker")) == []
    assert kept.outcomes() == {"public.t": Outcome.DONE}


def test_a_dry_run_changes_nothing(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("delete from t where id <= 2500")
    answer = run(lab, vacuum, kept, dry_run=True)
    assert answer.summary.startswith("1 table would be vacuumed: public.t (2,500 dead rows")
    assert (kept.rows, count(lab, "t")) == ({}, 0)


def test_without_time_it_says_what_is_left(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("delete from t where id <= 2500")
    answer = run(lab, vacuum, kept, minutes=0)
    assert "no time was left for 1" in answer.summary
    assert rules(answer) == [("vacuum_not_reached", "tables")]


def test_partitions_are_done_and_their_parent_is_no_table(lab: Lab, kept: Kept) -> None:
    lab.run("create table whole (id int) partition by range (id)")
    lab.run("create table part partition of whole for values from (0) to (9000)")
    lab.run("insert into whole select generate_series(1, 5000); analyze part")
    lab.run("delete from whole where id <= 2500")
    run(lab, vacuum, kept)
    assert kept.outcomes() == {"public.part": Outcome.DONE}


def test_names_that_need_quotes(lab: Lab, kept: Kept) -> None:
    lab.run('create schema "Ä b"; create table "Ä b"."t ""x" as select generate_series(1, 5000) as id; analyze')
    lab.run('delete from "Ä b"."t ""x" where id <= 2500')
    run(lab, vacuum, kept)
    assert kept.outcomes() == {'"Ä b"."t ""x"': Outcome.DONE}


def test_settings_are_proposed_where_it_was_needed_twice(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("delete from t where id <= 2500")
    assert rules(run(lab, vacuum, kept)) == []
    kept.put(earlier(kept.past()[0], 31))
    lab.run("delete from t where id <= 3800")
    answer = run(lab, vacuum, kept)
    (finding,) = answer.findings
    assert finding.rule == "vacuum_settings_dead"
    assert "autovacuum begins at 50 + 0.2 x 2,500 rows = 550, and 1,300 were dead; so it begins at 325" in finding.title
    lab.run(finding.remedy)
    assert lab.value("select reloptions from pg_class where relname = 't'") == ["autovacuum_vacuum_scale_factor=0.11"]


def test_rows_are_stored_and_stay(lab: Lab) -> None:
    lab.run(FILL.format("t"))
    lab.run("delete from t where id <= 2500")
    with stored(lab, vacuum) as journal:
        run(lab, vacuum, journal)
        (work,) = [w for w in journal.past() if w.table_name == "public.t"]
        assert (work.outcome, work.before["dead"], work.after["dead"]) == (Outcome.DONE, 2500, 0)
        journal.put(work)
        assert len([w for w in journal.past() if w.table_name == "public.t"]) == 1, "put twice it is there once"


def test_what_a_killed_run_left_under_way_is_called_interrupted(lab: Lab, kept: Kept) -> None:
    from dataclasses import replace

    lab.run(FILL.format("t"))
    lab.run("delete from t where id <= 2500")
    run(lab, vacuum, kept)
    kept.put(replace(kept.past()[0], id="killed", outcome=Outcome.RUNNING))
    run(lab, vacuum, kept)
    assert kept.rows["killed"].outcome is Outcome.INTERRUPTED


def test_after_a_crash_what_the_counters_forgot_is_vacuumed(lab: Lab, kept: Kept) -> None:
    lab.run(FILL.format("t"))
    lab.run("select pg_stat_reset()")
    run(lab, vacuum, kept)
    assert "counters know nothing of it" in kept.past()[0].reasons[0]
