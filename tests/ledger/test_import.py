"""Deliveries twice, in parts, out of order, with a changed past: one truth, and what it restated by name."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.ledger.world import FIRST, Books, charge, csv_text

SEPTEMBER = [charge(day) for day in range(30)]


def total(ledger: Books) -> Decimal:
    """What the ledger says now."""
    found: Decimal = ledger.value("select sum(billed_cost) from upkeep.spend_now")
    return found


def versions(ledger: Books) -> int:
    """Rows in all versions."""
    found: int = ledger.value("select count(*) from upkeep.spend")
    return found


def test_the_same_delivery_twice_adds_nothing(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    assert "30 rows of the ledger" in ledger.bring().summary
    assert "none of which changed" in ledger.bring().summary
    ledger.put("a.csv", SEPTEMBER)
    assert "0 rows of the ledger" in ledger.bring(41).summary
    assert (versions(ledger), total(ledger)) == (30, Decimal(45))


def test_parts_in_any_order_are_one_truth(ledger: Books) -> None:
    ledger.put("2.csv", SEPTEMBER[14:])
    ledger.bring(40)
    ledger.put("1.parquet", [*SEPTEMBER[:14], charge(14, "2.25")])
    ledger.bring(41)
    assert total(ledger) == Decimal("47.25")
    assert ledger.value("select billed_cost from upkeep.spend_now where day = '2026-09-15'") == Decimal("3.75")


def test_only_what_changed_is_read_again(ledger: Books) -> None:
    for day in range(4):
        ledger.put(f"day{day}.csv", [charge(day)])
    ledger.bring(40)
    ledger.put("day2.csv", [charge(2, "9.99")])
    answer = ledger.bring(41)
    assert "1 new or changed file" in answer.summary
    assert "1 row of the ledger" in answer.summary
    assert ledger.value("select source_rows from upkeep.spend_delivery order by id desc") == 1
    said = ledger.rows(
        "select name from upkeep.spend_file where delivery = (select max(id) from upkeep.spend_delivery) order by 1"
    )
    assert said == [("day2.csv",)]
    assert ledger.value("select count(*) from upkeep.spend_file") == 4


def test_a_closed_month_that_changes_is_restated_by_name(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    ledger.put("b.csv", [charge(3, "1500.00", ServiceName="Support")])
    answer = ledger.bring(43)
    assert "September 2026: +1,500.00 EUR (Support, account production, late)" in answer.summary
    rows = ledger.rows("select month, service, billed_difference, why, said_at::date from upkeep.restatement")
    assert rows == [(FIRST, "Support", Decimal(1500), "late", date(2026, 10, 14))]


def test_a_correction_is_called_one(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    ledger.put("b.csv", [charge(3, "-20", ChargeClass="Correction", BillingPeriodStart="2026-10-01 00:00:00")])
    ledger.bring(43)
    assert ledger.rows("select billed_difference, why from upkeep.restatement") == [(Decimal(-20), "correction")]


@pytest.mark.parametrize("after", [20, 33])
def test_a_month_that_is_not_closed_is_not_restated(ledger: Books, after: int) -> None:
    ledger.put("a.csv", SEPTEMBER[:15])
    ledger.bring(after)
    ledger.put("a.csv", [*SEPTEMBER[:14], charge(14, "99")])
    ledger.bring(after)
    assert ledger.value("select count(*) from upkeep.restatement") == 0


def test_history_that_comes_first_now_is_no_restatement(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(400)
    assert ledger.value("select count(*) from upkeep.restatement") == 0


def test_tags_that_come_later_move_no_money(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    ledger.put("a.csv", [{**row, "Tags": json.dumps({"team": "blog"})} for row in SEPTEMBER])
    ledger.bring(41)
    assert total(ledger) == Decimal(45)
    assert ledger.rows("select distinct tags from upkeep.spend_now") == [({"team": "blog"},)]
    assert ledger.value("select count(*) from upkeep.restatement") == 0


def test_charges_that_are_gone_end_at_nothing(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    ledger.put("a.csv", SEPTEMBER[:-1])
    ledger.bring(41)
    assert total(ledger) == Decimal("43.5")
    assert ledger.rows("select billed_difference, why from upkeep.restatement") == [(Decimal("-1.5"), "withdrawn")]
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(42)
    assert total(ledger) == Decimal(45)


def test_files_that_are_cleared_away_take_nothing_with_them(ledger: Books) -> None:
    ledger.put("september.csv", SEPTEMBER)
    ledger.bring(40)
    (ledger.folder / "september.csv").unlink()
    ledger.put("october.csv", [charge(30)])
    ledger.bring(41)
    assert total(ledger) == Decimal("46.5")


def test_a_file_replaced_by_another_is_not_counted_twice(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    (ledger.folder / "a.csv").unlink()
    ledger.put("b.csv", SEPTEMBER)
    ledger.bring(41)
    assert (versions(ledger), total(ledger)) == (30, Decimal(45))


def test_other_declared_tags_are_read_from_files_that_did_not_change(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, Tags=json.dumps({"team": "shop", "env": "dev"}))])
    ledger.bring(40)
    ledger.bring(41, account={"tag_keys": ["env"]})
    assert ledger.rows("select tags from upkeep.spend_now") == [({"env": "dev"},)]


def test_what_was_known_by_a_moment_stays_known_so(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER[:10])
    ledger.bring(12)
    ledger.put("a.csv", [*SEPTEMBER[:9], charge(9, "77")])
    ledger.bring(20)
    known = "select sum(billed_cost) from upkeep.spend_known('aws', '2026-09-01', '2026-09-30', '{}')"
    assert ledger.value(known.format("2026-09-15")) == Decimal(15)
    assert ledger.value(known.format("2026-09-30")) == Decimal("90.5")
    assert ledger.value(known.format("2026-09-02")) == Decimal(15), "what was said first stands for what nobody knew yet"


def test_no_row_is_ever_changed(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    ledger.bring(40)
    for statement in ("update upkeep.spend set billed_cost = 0", "delete from upkeep.spend"):
        with pytest.raises(psycopg.errors.RaiseException, match="only ever added"):
            ledger.rows(statement)


def test_a_dry_run_writes_nothing(ledger: Books) -> None:
    ledger.put("a.csv", SEPTEMBER)
    assert "would read 1 new or changed file" in ledger.bring(dry_run=True).summary
    assert versions(ledger) == 0
    assert ledger.value("select count(*) from upkeep.spend_file") == 0


def test_currencies_are_never_added(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0, "1"), charge(0, "2", BillingCurrency="USD")])
    ledger.bring()
    assert ledger.rows("select currency, billed_cost from upkeep.spend_now order by 1") == [("EUR", 1), ("USD", 2)]


def test_newest_snapshot_of_a_day_counts(ledger: Books) -> None:
    import os

    older, newer = ledger.put("x.csv", SEPTEMBER), ledger.put("y.csv", [charge(n, "2") for n in range(10, 20)])
    os.utime(older, (1, 1))
    os.utime(newer, (2, 2))
    ledger.bring(account={"deliveries": "snapshots"})
    assert total(ledger) == Decimal("50.0")
    os.utime(older, (3, 3))
    ledger.bring(41, account={"deliveries": "snapshots"})
    assert total(ledger) == Decimal(45)


@pytest.mark.parametrize("text", ["1.50", "0.00000080000", "1.5e-05", "-0", "12345678901.123456789"])
def test_amounts_are_exact_in_every_spelling(ledger: Books, text: str) -> None:
    ledger.put("a.csv", [charge(0, text), charge(0, text)])
    ledger.bring()
    assert total(ledger) == 2 * Decimal(text)


def test_floating_point_of_parquet_adds_up_as_it_is_written(ledger: Books) -> None:
    ledger.put("a.parquet", [charge(0, "0.1") for _ in range(10)] + [charge(0, "1.1e-7")])
    ledger.bring()
    assert total(ledger) == Decimal("1.00000011")


def test_csv_of_any_packing_is_read(ledger: Books) -> None:
    import zstandard

    (ledger.folder / "a.csv.zst").write_bytes(zstandard.compress(csv_text([charge(0)]).encode()))
    ledger.put("b.csv.gz", [charge(1)])
    ledger.bring()
    assert total(ledger) == Decimal(3)


def loops_of(plan: dict[str, Any], kind: str) -> int:
    """How often parts of this kind were run in a plan."""
    own = int(plan["Actual Loops"]) if plan["Node Type"] == kind else 0
    return own + sum(loops_of(each, kind) for each in plan.get("Plans", []))


def test_what_was_known_looks_at_months_once_in_a_ledger_without_statistics(ledger: Books) -> None:
    ledger.put("a.csv", [charge(day % 30, ServiceName=f"s{day}") for day in range(900)])
    ledger.bring()
    assert ledger.value("select count(*) from pg_stats where tablename = 'spend'") == 0
    known = "upkeep.spend_known('aws', '2026-09-01', '2026-09-30', now())"
    plan = ledger.value(f"explain (analyze, format json) select * from {known}")
    assert loops_of(plan[0]["Plan"], "Aggregate") == 1
