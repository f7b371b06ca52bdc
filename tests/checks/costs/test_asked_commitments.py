"""commitments of accounts that are read by Cost Explorer: asked of AWS, with calls counted, and each missing right named."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.checks.costs.test_commitments import AFTER, JUDGED
from tests.lab import rules
from tests.ledger.cost_explorer import failing
from tests.ledger.explorer_commitments import EC2, Commitments
from tests.ledger.world import Books, charge
from upkeep.answer import Answer
from upkeep.checks.costs.commitments import commitments
from upkeep.errors import BrokenError
from upkeep.sources.connections import OneDatabase

Ask = Callable[..., Answer]
OPERATIONS = ("GetSavingsPlansUtilization", "GetReservationUtilization", "GetSavingsPlansCoverage", "GetReservationCoverage")


@pytest.fixture
def ask(ledger: Books, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The question, put with this stand-in, once the ledger has costs of EC2."""
    monkeypatch.setattr("time.sleep", lambda _: None)

    def put(client: Commitments, **thresholds: Any) -> Answer:
        monkeypatch.setattr(OneDatabase, "aws", lambda *_: client)
        ledger.put("a.csv", [charge(day, ServiceName=EC2) for day in range(AFTER)])
        ledger.bring(AFTER)
        own = {"source": "cost_explorer", "place": None, "deliveries": "auto"}
        return ledger.ask(commitments, AFTER, account=own, **thresholds)

    return put


@pytest.mark.baseline
def test_plans_and_reservations_that_are_used_are_fine(ask: Ask, ledger: Books) -> None:
    client = Commitments(
        ("950", "50", "1400"), {EC2: ("950", "100")}, {EC2: {"ri-1": ("700", "0", "1000", "")}}, {EC2: ("90", "10", "70")}
    )
    answer = ask(client)
    assert rules(answer) == []
    used = {metric.labels["commitment"]: metric.value for metric in answer.metrics if metric.name == "commitment_used"}
    assert used == {"savings plans": 0.95, "ri-1": 1.0}
    covered = {metric.labels["service"]: metric.value for metric in answer.metrics if metric.name == "commitment_coverage"}
    assert covered == {f"{EC2} by savings plans": pytest.approx(950 / 1050), f"{EC2} by reservations": 0.9}
    assert ledger.rows("select commitment, used_cost, unused_cost, without_it, days from upkeep.commitment_use order by 1") == [
        ("ri-1", 700, 0, 1000, 30), ("savings plans", 950, 50, 1400, 30),
    ]  # fmt: skip


def test_the_days_are_those_of_the_window_and_calls_are_few(ask: Ask) -> None:
    client = Commitments()
    ask(client)
    # Asked twice, as every dated check is here: as scheduled, and in a backfill.
    assert [operation for operation, _ in client.asked] == [*OPERATIONS] * 2
    span = {"Start": str(JUDGED - timedelta(days=29)), "End": str(JUDGED + timedelta(days=1))}
    assert {str(asked["TimePeriod"]) for _, asked in client.asked} == {str(span)}


def test_an_account_without_any_is_fine(ask: Ask) -> None:
    answer = ask(Commitments(plans=None))
    assert (rules(answer), answer.summary.split(" of ")[0]) == ([], "0 commitments")


@pytest.mark.fault
def test_waste_of_plans_and_of_reservations_is_found(ask: Ask) -> None:
    client = Commitments(("700", "300", "2000"), reservations={EC2: {"ri-1": ("1000", "400", "500", "")}})
    assert sorted(rules(ask(client))) == [("commitment_loses", "ri-1 (USD)"), ("commitment_unused", "savings plans (USD)")]


@pytest.mark.near_miss
def test_little_waste_is_fine(ask: Ask) -> None:
    assert rules(ask(Commitments(("10", "49", "1000")))) == []


@pytest.mark.fault
@pytest.mark.parametrize("left", [0, 60, 61])
def test_what_aws_says_of_the_end_is_used(ask: Ask, left: int, ledger: Books) -> None:
    ends = JUDGED + timedelta(days=left)
    answer = ask(Commitments(None, reservations={EC2: {"ri-1": ("100", "0", "200", str(ends))}}))
    assert rules(answer) == ([("commitment_ends", "ri-1")] if left <= 60 else [])
    assert ledger.value("select ends from upkeep.commitment_use") == ends


@pytest.mark.fault
def test_low_coverage_is_said_with_what_it_cost_on_demand(ask: Ask) -> None:
    client = Commitments(
        ("100", "0", "200"), {EC2: ("100", "900"), "AWS Lambda": ("90", "10")}, hours={EC2: ("20", "80", "345.60")}
    )
    answer = ask(client)
    titles = {finding.object: finding.title for finding in answer.findings}
    assert set(titles) == {f"{EC2} by savings plans (USD)", f"{EC2} by reservations (USD)"}
    assert "345.60 USD were not" in titles[f"{EC2} by reservations (USD)"]


@pytest.mark.parametrize(
    "operation", ["GetSavingsPlansUtilization", "GetSavingsPlansCoverage", "GetReservationUtilization", "GetReservationCoverage"]
)
def test_a_missing_right_is_named_and_the_answer_is_unknown(ask: Ask, operation: str) -> None:
    answer = ask(Commitments(faults=lambda _, asked: failing("AccessDeniedException") if asked == operation else None))
    assert answer.status == "unknown"
    assert f"refuses ce:{operation}" in answer.summary
    assert f'"ce:{operation}"' in str(answer)


def test_calls_are_bounded(ask: Ask) -> None:
    client = Commitments(covered={f"service {n}": ("1", "1") for n in range(50)})
    with pytest.raises(BrokenError, match="40 calls"):
        ask(client)
    assert len(client.asked) == 40


def test_an_api_that_stays_busy_is_given_up_for_now(ask: Ask) -> None:
    client = Commitments(faults=lambda *_: failing("TooManyRequestsException", 429))
    with pytest.raises(BrokenError, match="too busy") as caught:
        ask(client)
    assert caught.value.retry
    assert len(client.asked) == 5
