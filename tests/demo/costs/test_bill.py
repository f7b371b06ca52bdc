"""The shop's bill: what is planted in it is found on whichever day the demo starts, and nothing else."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from tests.lab import Lab, asking, fresh_reports
from upkeep.answer import Answer
from upkeep.config.inventory import load
from upkeep.demo import begin
from upkeep.demo.costs import account as bill
from upkeep.demo.costs.rows import month_before
from upkeep.demo.found import findings
from upkeep.demo.planted import PLANTED, Found, invented, missed
from upkeep.discovery import discover
from upkeep.duty import Duty, Progress
from upkeep.runner import ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance, connected
from upkeep.targets.account import Account
from upkeep.window import Cadence, Window

DUTIES = {duty.name: duty for duty in discover() if duty.target is Account and not duty.name.startswith("opportunit")}
OF_THE_BILL = [p for p in PLANTED if p.duty in DUTIES]
START = datetime(2026, 11, 26, 14, 31, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def start_at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T14:31:00+00:00")


def rows(lab: Lab, query: str) -> list[tuple[Any, ...]]:
    with lab.endpoint.connect("look") as connection:
        return connection.execute(query.encode()).fetchall()


def made(lab: Lab, home: Path, start: datetime) -> Account:
    """The bill as a first start makes it; the account of the demo's inventory."""
    begin.write_inventory(home / "inventory.yaml", start)
    account = bill.of(load(home / "inventory.yaml"))
    with connected(lab.endpoint) as connection:
        bill.make_first(connection, home, account, start)
    bill.make_rest(home)
    return account


def asked(lab: Lab, account: Account, duty: Duty, start: datetime, back: int = 0) -> Answer:
    """One duty of the first runs, or of some days before."""
    end = start - timedelta(days=back)
    window = Window(end - timedelta(days=1), end) if duty.cadence is Cadence.DAILY else duty.cadence.last_full(end, UTC_ZONE)
    by = Provenance("daily", "r", f"costs.{duty.name}", 0, 1, start + timedelta(minutes=3), 0.0)
    question = asking(duty, account, OneDatabase(lab.endpoint), window=window, provenance=by)
    return ask_and_store(question, lab.endpoint, {Progress: lambda *_: None})


def everything(lab: Lab, account: Account, start: datetime) -> Iterator[Found]:
    """Findings of the first runs of every duty about the account, as the demo's table has them."""
    for duty in sorted(DUTIES.values(), key=lambda each: each.kind != "job"):
        for one in asked(lab, account, duty, start).findings:
            yield Found(one.severity.label, account.name, duty.name, one.rule, one.object, one.title)


@pytest.fixture(scope="module")
def first(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Path, Account]]:
    """The bill after the first runs, and where it lies."""
    home = tmp_path_factory.mktemp("demo")
    with fresh_reports(server, "demo_bill_once") as reports:
        account = made(reports, home, START)
        list(everything(reports, account, START))
        yield reports, home, account


@pytest.fixture
def lab(server: ScratchServer) -> Iterator[Lab]:
    with fresh_reports(server, "demo_bill") as reports:
        yield reports


# A first, a second, a third and a last day of a month, the end of February, the beginning of a year.
@pytest.mark.parametrize("day", ["2026-11-26", "2026-12-01", "2027-01-02", "2027-01-03", "2028-02-29"])
def test_whatever_day_it_begins_what_is_planted_is_found_and_nothing_else(lab: Lab, tmp_path: Path, day: str) -> None:
    start = start_at(day)
    found = list(everything(lab, made(lab, tmp_path, start), start))
    planted = [p for p in OF_THE_BILL if p.duty != "import_costs"]
    assert (missed(found, planted), invented(found)) == ([], [])
    assert lab.value("select count(*) from upkeep.restatement") == 1
    assert lab.value("select sum(billed_difference) from upkeep.restatement") == Decimal("412.50")


def test_the_restated_month_is_told_as_what_was_planted(first: tuple[Lab, Path, Account]) -> None:
    reports, _, _ = first
    told = [one for one in findings(reports.endpoint, ["r"]) if one.rule == "month_restated"]
    assert [(one.target, one.object) for one in told] == [(bill.NAME, "Amazon Relational Database Service")]
    assert told[0].title.startswith("September 2026 changed by +412.50 USD")
    assert missed(told, [p for p in OF_THE_BILL if p.duty == "import_costs"]) == []
    assert findings(reports.endpoint, ["another run"]) == []


def test_thirteen_months_of_a_bill_that_adds_up_to_the_cent(first: tuple[Lab, Path, Account]) -> None:
    reports, home, _ = first
    files = home / "bills/exports/data/*/*/*.parquet"
    newest = f"select * from read_parquet('{files}', filename = true) where filename not like '%2026-09/delivery-1%'"
    summed = f"select ChargeCategory, sum(BilledCost)::varchar from ({newest}) group by all order by all"
    with duckdb.connect() as session:
        raw = session.execute(summed).fetchall()
    kept = rows(reports, "select category, sum(billed_cost)::text from upkeep.spend_now group by 1 order by 1")
    assert {name: Decimal(amount) for name, amount in kept} == {name: Decimal(amount) for name, amount in raw}
    assert {name for name, _ in kept} == {"Credit", "Purchase", "Tax", "Usage"}
    months = reports.value("select count(distinct billing_period) from upkeep.spend_now")
    assert (months, reports.value("select max(day) from upkeep.spend_now")) == (13, date(2026, 11, 25))


def test_what_a_commitment_is_billed_is_what_it_costs_in_whole_months(first: tuple[Lab, Path, Account]) -> None:
    reports, _, _ = first
    bought = "sum(billed_cost) filter (where category = 'Purchase'), sum(effective_cost) filter (where category = 'Usage')"
    whole = "commitment is not null and billing_period < '2026-11-01'"
    months = f"select {bought} from upkeep.spend_now where {whole} group by billing_period"
    assert [billed - used for billed, used in rows(reports, months)] == [Decimal(0)] * 12


def test_the_import_again_changes_nothing(first: tuple[Lab, Path, Account]) -> None:
    reports, _, account = first
    before = reports.value("select count(*) from upkeep.spend")
    answer = asked(reports, account, DUTIES["import_costs"], START + timedelta(hours=1))
    assert "none of which changed" in answer.summary
    assert reports.value("select count(*) from upkeep.spend") == before


def test_a_start_that_was_killed_goes_on_with_the_same_days(lab: Lab, tmp_path: Path) -> None:
    """The first import was done, then the machine went away until the next month."""
    account = made(lab, tmp_path, START)
    before = rows(lab, "select account, day, key, version, billed_cost from upkeep.spend order by 1, 2, 3, 4")
    with connected(lab.endpoint) as connection:
        bill.make_first(connection, tmp_path, account, START + timedelta(days=20))
    assert rows(lab, "select account, day, key, version, billed_cost from upkeep.spend order by 1, 2, 3, 4") == before
    assert lab.value("select count(*) from upkeep.restatement") == 0


def test_the_truth_lies_beside_it(first: tuple[Lab, Path, Account]) -> None:
    reports, home, _ = first
    truth = json.loads((home / "bills/truth.json").read_text())
    since = "select since::text from upkeep.spend_anomaly where part = %s"
    with reports.endpoint.connect("look") as connection:
        for what in ("spike", "drift"):
            row = connection.execute(since.encode(), [truth[what]["service"]]).fetchone()
            assert row
            assert abs((date.fromisoformat(row[0]) - date.fromisoformat(truth[what]["since"])).days) <= 1
    assert Decimal(truth["restated month"]["amount"]) == reports.value("select billed_difference from upkeep.restatement")
    assert not list((home / "bills/exports").rglob("truth*"))


def test_the_account_of_production_says_what_to_do(first: tuple[Lab, Path, Account]) -> None:
    assert first[2].runbook, "readiness tells of every target of production that has none, and nobody planted that"


def test_months_before_a_day() -> None:
    assert [month_before(date(2027, 1, 31), n) for n in (0, 1, 12, -1)] == [
        date(2027, 1, 1), date(2026, 12, 1), date(2026, 1, 1), date(2027, 2, 1),
    ]  # fmt: skip
