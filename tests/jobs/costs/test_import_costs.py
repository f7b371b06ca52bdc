"""import_costs: what it says of what it did; the ways of deliveries are in tests/ledger."""

import pytest

from tests.lab import asking, rules
from tests.ledger.world import Books, charge
from upkeep.errors import BrokenError
from upkeep.jobs.costs.import_costs import import_costs
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase


@pytest.mark.baseline
def test_a_whole_export_is_brought_in(ledger: Books) -> None:
    ledger.put("a.csv", [charge(day) for day in range(30)])
    answer = ledger.bring()
    assert (answer.status, rules(answer)) == ("ok", [])
    assert "1 new or changed file" in answer.summary
    assert "30 rows of the ledger new or changed in 30 days" in answer.summary
    assert {m.name: m.value for m in answer.metrics} == {"spend_rows_changed": 30, "restatements": 0}


@pytest.mark.near_miss
def test_a_file_that_was_only_touched_changes_nothing(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0)])
    ledger.bring()
    ledger.put("a.csv", [charge(0)])
    assert "0 rows of the ledger new" in ledger.bring(41).summary


@pytest.mark.fault
def test_one_bad_file_keeps_the_whole_delivery_out(ledger: Books) -> None:
    ledger.put("a.csv", [charge(0)])
    ledger.put("b.csv", [charge(1, "x")])
    with pytest.raises(BrokenError, match=r"b\.csv"):
        ledger.bring()
    assert ledger.value("select status from upkeep.answer where duty = 'import_costs'") == "unknown"
    assert ledger.value("select count(*) from upkeep.spend") == 0


def test_without_a_report_database_it_cannot_be_asked(ledger: Books) -> None:
    answer = ask(asking(import_costs, ledger.account(), OneDatabase(ledger.lab.endpoint)))
    assert answer.status == "unknown"


def test_it_is_about_the_present_only() -> None:
    assert not import_costs.dated
