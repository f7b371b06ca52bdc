"""partitioning: what is missing ahead, too many, lopsided or left over; and what only looks so."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity
from upkeep.checks.database.partitioning import partitioning


def months(lab: Lab, first: int, last: int, *, kind: str = "timestamptz", name: str = "visits") -> None:
    """A table by month, from `first` months before this one to `last` after it."""
    lab.run(f"create table {name} (id int, at {kind}) partition by range (at)")
    lab.run(
        f"do $$ declare m timestamptz; begin for n in {first} .. {last} loop"
        " m := date_trunc('month', now() at time zone 'UTC') at time zone 'UTC';"
        f" execute format('create table {name}_%s partition of {name} for values from (%L) to (%L)', n - ({first}),"
        "  ((m at time zone 'UTC') + make_interval(months => n)) at time zone 'UTC',"
        "  ((m at time zone 'UTC') + make_interval(months => n + 1)) at time zone 'UTC'); end loop; end $$"
    )


def asked(lab: Lab, **thresholds: float) -> Answer:
    return lab.ask(partitioning, target={"thresholds": {"partitioning": thresholds}})


def major(lab: Lab) -> int:
    return int(lab.value("show server_version_num")) // 10_000


@pytest.mark.baseline
def test_no_partitions(lab: Lab) -> None:
    lab.run("create table t as select 1 as id, now() as at; analyze")
    answer = asked(lab)
    assert rules(answer) == []
    assert answer.summary.startswith("0 partitioned tables with 0 partitions")


@pytest.mark.baseline
@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_months_ahead_and_empty_ones_are_fine(lab: Lab, kind: str) -> None:
    months(lab, -3, 3, kind=kind)
    lab.run("insert into visits select n, now() from generate_series(1, 100) as n; analyze")
    answer = asked(lab)
    assert rules(answer) == []
    assert answer.summary.startswith("1 partitioned table with 7 partitions")
    assert [(m.name, m.value) for m in answer.metrics] == [("partitions", 7)]


@pytest.mark.near_miss
def test_hashes_lists_and_other_keys_have_nothing_ahead(lab: Lab) -> None:
    lab.run("create table h (id int) partition by hash (id)")
    for n in range(4):
        lab.run(f"create table h{n} partition of h for values with (modulus 4, remainder {n})")
    lab.run("create table l (kind text) partition by list (kind)")
    lab.run("create table l_a partition of l for values in ('a', null); create table l_rest partition of l default")
    lab.run("create table r (a text, b int) partition by range (a, b)")
    lab.run("create table r_1 partition of r for values from ('a', 1) to ('m', minvalue)")
    lab.run("create table e (at timestamptz) partition by range (date_trunc('day', at at time zone 'UTC'))")
    lab.run("create table e_1 partition of e for values from ('2020-01-01') to ('2021-01-01')")
    lab.run("insert into l select 'z' from generate_series(1, 100); insert into h select n from generate_series(1, 100) as n")
    lab.run("analyze")
    assert rules(asked(lab)) == []


@pytest.mark.near_miss
def test_a_closed_set_is_not_judged(lab: Lab) -> None:
    months(lab, -20, -6)
    assert rules(asked(lab)) == []


@pytest.mark.near_miss
def test_an_open_end_needs_nothing_ahead(lab: Lab) -> None:
    lab.run("create table o (at date) partition by range (at)")
    lab.run("create table o_1 partition of o for values from (minvalue) to ('2020-01-01')")
    lab.run("create table o_2 partition of o for values from ('2020-01-01') to (maxvalue)")
    assert rules(asked(lab)) == []


@pytest.mark.near_miss
def test_sub_partitions_are_judged_by_their_own_parent(lab: Lab) -> None:
    """By region, then by month: the list has no time, and each of its parts has months ahead."""
    lab.run("create table s (region text, at timestamptz) partition by list (region)")
    for region in ("eu", "us"):
        lab.run(f"create table s_{region} partition of s for values in ('{region}') partition by range (at)")
        begin = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        for n in range(-2, 4):
            low, high = (begin + timedelta(days=30 * (n + more)) for more in (0, 1))
            lab.run(f"create table s_{region}_{n + 2} partition of s_{region} for values from ('{low}') to ('{high}')")
    assert rules(asked(lab)) == []


@pytest.mark.near_miss
def test_numbers_with_room_or_with_gaps_are_fine(lab: Lab) -> None:
    lab.run("create table n (id bigint) partition by range (id)")
    lab.run("create table n_1 partition of n for values from (1) to (1001)")
    lab.run("create table n_2 partition of n for values from (1001) to (2001)")
    lab.run("insert into n select generate_series(1, 1400)")
    lab.run("analyze")
    assert rules(asked(lab)) == []


@pytest.mark.fault
def test_no_month_ahead(lab: Lab) -> None:
    months(lab, -3, 0)
    answer = asked(lab)
    assert rules(answer) == [("partitions_missing_ahead", "public.visits")]
    assert answer.findings[0].severity is Severity.HIGH
    assert answer.findings[0].limit == pytest.approx(2)


@pytest.mark.fault
def test_on_every_major(every_lab: Lab) -> None:
    months(every_lab, -3, 0)
    assert rules(asked(every_lab)) == [("partitions_missing_ahead", "public.visits")]


@pytest.mark.fault
def test_nobody_is_waited_for(lab: Lab) -> None:
    months(lab, -3, 0)
    lab.session(autocommit=False).execute("lock table visits in access exclusive mode")
    assert rules(asked(lab)) == [("partitions_missing_ahead", "public.visits")]


@pytest.mark.fault
def test_the_newest_has_ended(lab: Lab) -> None:
    months(lab, -5, -1)
    answer = asked(lab)
    assert rules(answer) == [("partitions_missing_ahead", "public.visits")]
    assert answer.findings[0].severity is Severity.CRITICAL


@pytest.mark.fault
def test_a_hole_ahead(lab: Lab) -> None:
    months(lab, -3, 4)
    lab.run("drop table visits_5")
    answer = asked(lab)
    assert rules(answer) == [("partitions_missing_ahead", "public.visits")]
    assert "has a hole before the partition from " in answer.findings[0].title


@pytest.mark.fault
def test_the_style_of_dates_does_not_matter(lab: Lab) -> None:
    months(lab, -3, 0)
    lab.run(f"alter database {lab.database} set datestyle = 'German'")
    assert rules(asked(lab)) == [("partitions_missing_ahead", "public.visits")]


@pytest.mark.fault
def test_the_last_number_is_nearly_full(lab: Lab) -> None:
    lab.run("create table n (id bigint) partition by range (id)")
    lab.run("create table n_1 partition of n for values from (1) to (1001)")
    lab.run("create table n_2 partition of n for values from (1001) to (2001)")
    lab.run("insert into n select generate_series(1, 1950)")
    lab.run("analyze")
    answer = asked(lab)
    assert rules(answer) == [("partitions_missing_ahead", "public.n")]
    assert "public.n_2, the last partition of public.n, holds 950 rows of 1,000 values" in answer.findings[0].title
    assert answer.worst is Severity.HIGH
    assert asked(lab, full_share=0.92).worst is Severity.MEDIUM


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("key", "low", "high"), [("numeric", "5", "NaN"), ("numeric", "-9.5", "Infinity"), ("date", "2020-01-01", "infinity")]
)
def test_bounds_that_are_no_usual_numbers(lab: Lab, key: str, low: str, high: str) -> None:
    if high == "Infinity" and major(lab) < 14:
        pytest.skip("numbers were never infinite before 14")
    lab.run(f"create table n (id {key}) partition by range (id)")
    lab.run(f"create table n_1 partition of n for values from ('{low}') to ('{high}'); insert into n values ('{low}')")
    lab.run("analyze")
    assert rules(asked(lab)) == []


@pytest.mark.fault
def test_a_hole_before_a_day_that_is_very_far(lab: Lab) -> None:
    months(lab, -3, 4)
    lab.run("create table visits_end partition of visits for values from ('12000-01-01') to ('13000-01-01')")
    (finding,) = asked(lab).findings
    assert finding.rule == "partitions_missing_ahead"
    assert "has a hole before the partition from 9999-12-31 on" in finding.title


@pytest.mark.fault
def test_too_many(lab: Lab) -> None:
    months(lab, -9, 5)
    assert rules(asked(lab, most_partitions=14)) == [("too_many_partitions", "public.visits")]
    assert rules(asked(lab, most_partitions=15)) == []


@pytest.mark.fault
def test_a_default_that_fills(lab: Lab) -> None:
    months(lab, -3, 3)
    lab.run("create table visits_rest partition of visits default")
    assert rules(asked(lab)) == []
    lab.run("insert into visits values (1, '1999-01-01'); analyze")
    assert rules(asked(lab)) == [("default_partition_filling", "public.visits_rest")]


@pytest.mark.fault
def test_one_that_is_much_larger(lab: Lab) -> None:
    lab.run("create table l (kind int, pad text) partition by list (kind)")
    for n in range(5):
        lab.run(f"create table l_{n} partition of l for values in ({n})")
    lab.run("insert into l select n % 5, repeat('x', 500) from generate_series(1, 1000) as n")
    lab.run("analyze")
    assert rules(asked(lab, skew_gb=0.001)) == []
    lab.run("insert into l select 3, repeat('x', 500) from generate_series(1, 10000)")
    lab.run("analyze")
    answer = asked(lab, skew_gb=0.001)
    assert rules(answer) == [("partition_skewed", "public.l")]
    assert answer.findings[0].value == pytest.approx(51, rel=0.2)
    assert answer.worst is Severity.LOW
    assert rules(asked(lab, skew_gb=0.001, skew_times=70)) == []
    assert rules(asked(lab)) == []


@pytest.mark.fault
def test_one_left_detaching(lab: Lab) -> None:
    if major(lab) < 14:
        pytest.skip("nothing is detached concurrently before 14")
    months(lab, -3, 3)
    lab.run("update pg_inherits set inhdetachpending = true where inhrelid = 'visits_0'::regclass")
    answer = asked(lab)
    assert rules(answer) == [("detach_pending", "public.visits_0")]
    assert answer.findings[0].remedy == "alter table public.visits detach partition public.visits_0 finalize;"


@pytest.mark.fault
def test_a_large_table_whose_rows_go(lab: Lab) -> None:
    lab.run("create table logs (at timestamptz, pad text)")
    lab.run("insert into logs select now(), repeat('x', 500) from generate_series(1, 5000)")
    lab.run("analyze logs")
    assert rules(asked(lab, large_gb=0.001)) == []
    lab.run("delete from logs where ctid < '(200,0)'; select pg_stat_force_next_flush()" if major(lab) >= 15
            else "delete from logs where ctid < '(200,0)'; select pg_sleep(1)")  # fmt: skip
    lab.run("analyze logs")
    assert rules(asked(lab, large_gb=0.001)) == [("should_be_partitioned", "public.logs")]
    assert rules(asked(lab, large_gb=1)) == []
