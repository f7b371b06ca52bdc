"""A backfill over the shop's bill: dated questions answer as the scheduled run did, and nothing live is asked or read."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.demo.costs.test_bill import DUTIES, START, UTC_ZONE, made, rows
from tests.lab import Lab, asking, fresh_reports
from upkeep.answer import Answer
from upkeep.duty import Duty, Progress
from upkeep.runner import ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.scratch import ScratchServer
from upkeep.store.answers import Provenance
from upkeep.targets.account import Account
from upkeep.window import Cadence, Window

DATED = [duty for duty in DUTIES.values() if duty.dated and duty.cadence in {Cadence.DAILY, Cadence.WEEKLY}]
RECORDS = ("spend_share", "budget_forecast", "spend_anomaly", "commitment_use")
KEPT = {
    "answer": "duty, window_end, status, summary",
    "finding": "duty, window_end, fingerprint, severity, title, value, details::text",
    "metric": "duty, window_end, name, labels::text, value",
}


@pytest.fixture(scope="module")
def bill(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Account]]:
    home: Path = tmp_path_factory.mktemp("demo")
    with fresh_reports(server, "demo_backfill") as reports:
        account = made(reports, home, START)
        run(reports, account, DUTIES["import_costs"], 0, replay=False)
        yield reports, account


def run(lab: Lab, account: Account, duty: Duty, back: int, *, replay: bool, run_id: str = "scheduled") -> Answer:
    """A duty about the window so many days before the first; a backfill asks long after, and says so."""
    end = START - timedelta(days=back)
    window = Window(end - timedelta(days=1), end) if duty.cadence is Cadence.DAILY else duty.cadence.last_full(end, UTC_ZONE)
    at = START + timedelta(days=40) if replay else end + timedelta(minutes=3)
    by = Provenance("daily", run_id, f"costs.{duty.name}", 0, 1, at, 0.0)
    question = asking(duty, account, OneDatabase(lab.endpoint), window=window, provenance=by, replay=replay)
    return ask_and_store(question, lab.endpoint, {Progress: lambda *_: None})


def kept(lab: Lab) -> dict[str, list[tuple[Any, ...]]]:
    """All that answers leave, but for who asked and when."""
    dated = "duty not in ('import_costs', 'opportunities')"
    tables = {name: f"select {columns} from upkeep.{name} where {dated}" for name, columns in KEPT.items()}
    tables |= {name: f"select to_jsonb(one)::text from upkeep.{name} as one where {dated}" for name in RECORDS}
    return {name: sorted(rows(lab, query), key=repr) for name, query in tables.items()}


def test_a_backfill_stores_what_the_scheduled_runs_did(bill: tuple[Lab, Account]) -> None:
    """The newest day, a day amid the pair, one before the month began, and one whose month was restated since."""
    lab, account = bill
    days = (0, 5, 27, 60)
    for back in days:
        for duty in DATED:
            run(lab, account, duty, back, replay=False)
    scheduled = kept(lab)
    assert all(scheduled[name] for name in ("answer", "finding", "metric", *RECORDS))
    for back in reversed(days):
        for duty in DATED:
            run(lab, account, duty, back, replay=True, run_id="backfill")
    assert rows(lab, "select count(*) from upkeep.answer where run_id = 'backfill'")[0][0] == len(scheduled["answer"])
    assert kept(lab) == scheduled


def test_a_backfill_imports_nothing(bill: tuple[Lab, Account]) -> None:
    lab, account = bill
    before = rows(lab, "select count(*), max(said_at) from upkeep.spend_delivery")
    answer = run(lab, account, DUTIES["import_costs"], 30, replay=True, run_id="backfill")
    assert answer.status == "unknown"
    assert "present" in answer.summary
    assert rows(lab, "select count(*), max(said_at) from upkeep.spend_delivery") == before
