"""What people approved of a job: exactly the plan that they were shown, only while it holds, and once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.lab import Lab, asking
from upkeep.answer import Answer, Finding, Severity
from upkeep.applying import End, NotApprovedError, apply_approved
from upkeep.decisions.decision import Signature, Standing, Status
from upkeep.decisions.people import Signer
from upkeep.decisions.plan import Plan
from upkeep.duty import Applied, Progress, job
from upkeep.errors import BrokenError, CannotAskError
from upkeep.given.asked import Asked
from upkeep.runner import ask_and_store, do
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.sources.postgres import Postgres
from upkeep.store import decisions
from upkeep.store.answers import Provenance
from upkeep.targets.database import Database
from upkeep.window import Cadence, Window

NOW = datetime.now(UTC)
MONTH = Window(NOW - timedelta(days=32), NOW - timedelta(days=1))
faults: dict[int, Exception] = {}


def swept(plan: Plan, db: Database, connections: Connections, progress: Progress) -> Answer:
    """Delete the leaves of the plan, one by one; those that are gone are gone."""
    progress("sweep", db.name)
    with connections.postgres(db.connection).connect("sweep") as write:
        for number in plan.steps["leaves"]:
            write.execute("delete from leaf where id = %s and not stuck", (number,))
            if number in faults:
                raise faults.pop(number)
        (left,) = write.execute("select count(*) from leaf where stuck").fetchone() or (0,)
    found = [Finding(rule="leaf_left", object="yard", severity=Severity.LOW, title="a leaf is stuck", remedy="pull")]
    return Answer.judged(f"swept {len(plan.steps['leaves'])}", findings=found if left else [])


@job(Cadence.MONTHLY, owner="database", approve=swept)
def sweep(db: Database, pg: Postgres) -> Plan | Answer:
    """Sweep the yard, once somebody has said so."""
    if pg.value("select to_regclass('public.leaf')") is None:
        raise CannotAskError("there is no yard", "create table leaf")
    leaves = pg.value("select coalesce(json_agg(id order by id), '[]') from public.leaf where old")
    if not leaves:
        return Answer.judged("no old leaves")
    moment = pg.value("select now()")
    return Plan(subject=f"Sweep {db.name}?", markdown=f"* {leaves} at {moment}", steps={"leaves": leaves})


@dataclass
class Yard:
    """Leaves in a database that holds the report tables too."""

    lab: Lab
    asked: Asked

    @property
    def key(self) -> str:
        """Key of the decision of this month."""
        (key,) = self.rows("select key from upkeep.decision where window_end = %s and run = ''", self.asked.window.end)[-1]
        return str(key)

    @property
    def standing(self) -> Standing:
        """How it stands."""
        return decisions.standing(self.lab.session(), self.key)

    def rows(self, sql: str, *args: Any) -> list[tuple[Any, ...]]:
        """All rows."""
        with self.lab.endpoint.connect("look") as connection:
            return connection.execute(sql.encode(), args).fetchall()

    def leaves(self) -> list[int]:
        """What lies in the yard."""
        return [number for (number,) in self.rows("select id from leaf order by id")]

    def plan(self) -> Answer:
        """The cadence's run."""
        return ask_and_store(self.asked, self.lab.endpoint)

    def answer(self, option: str = "Approve", user: str = "olga") -> None:
        """A person answers what is asked now."""
        with self.lab.endpoint.connect("answer") as connection:
            decisions.ask(connection, self.key, [Signer("owner", user, user)], ("decisions", "r", "answer"), NOW)
            found = decisions.standing(connection, self.key)
            decisions.sign(connection, self.key, Signature(place=1, option=option, values={}, user=user, user_id=user,
                person=user, answered_at=NOW, digest=found.digest))  # fmt: skip
            decisions.close(connection, self.key, Status.ANSWERED, NOW, outcome=option)

    def apply(self, key: str = "") -> End:
        """The task after the approval."""
        return apply_approved(self.asked, self.lab.endpoint, key or self.key).end

    def stored(self) -> list[tuple[Any, ...]]:
        """The job's answer."""
        return self.rows("select status::text, summary from upkeep.answer where duty = 'sweep'")

    def result(self) -> tuple[Any, ...]:
        """What came of it."""
        return self.rows("select result_ok, result from upkeep.decision where key = %s", self.key)[0]


@pytest.fixture
def yard(reports: Lab) -> Yard:
    """Three leaves, two of them old."""
    faults.clear()
    reports.run("create table leaf (id int primary key, old bool, stuck bool default false)")
    reports.run("insert into leaf values (1, true), (2, true), (3, false)")
    target = Database(name="yard", owner="ann", connection="yard_db")
    provenance = Provenance("monthly", "m1", "database.sweep", 0, 1, NOW, 0)
    return Yard(reports, asking(sweep, target, OneDatabase(reports.endpoint), window=MONTH, provenance=provenance))


@pytest.mark.baseline
def test_the_plan_is_asked_and_after_approval_exactly_it_is_done(yard: Yard) -> None:
    asked = yard.plan()
    assert (asked.status, asked.summary) == ("ok", "asked: Sweep yard?")
    assert yard.leaves() == [1, 2, 3], "a plan changes nothing"
    standing = yard.standing
    assert (standing.status, standing.decision.kind, standing.decision.question.options) == (
        "open",
        "approval",
        ("Approve", "Reject"),
    )
    assert standing.decision.question.evidence["steps"] == {"leaves": [1, 2]}
    yard.answer()
    yard.lab.run("insert into leaf values (4, false)")
    assert yard.apply() is End.DONE
    assert yard.leaves() == [3, 4]
    assert yard.stored() == [("ok", "swept 2")]
    assert yard.result() == (True, "swept 2")
    assert yard.standing.begun_at


def test_it_is_asked_in_a_run_of_decisions(yard: Yard) -> None:
    yard.plan()
    (waiting,) = decisions.to_ask(yard.lab.session(), NOW)
    assert (waiting.subject.key, waiting.run_id) == (yard.key, waiting.subject.run_id)


@pytest.mark.fault
@pytest.mark.parametrize("message", ["nobody", "Reject", "missed", "withdrawn"])
def test_without_an_approval_nothing_is_done(yard: Yard, message: str) -> None:
    yard.plan()
    if message == "Reject":
        yard.answer("Reject")
    elif message != "nobody":
        decisions.close(yard.lab.session(), yard.key, Status(message), NOW, reason="nobody answered in time")
    with pytest.raises(NotApprovedError, match="Nothing was done"):
        yard.apply()
    assert yard.leaves() == [1, 2, 3]
    assert yard.result() == (None, None)


@pytest.mark.fault
def test_an_answer_without_a_signature_is_no_approval(yard: Yard) -> None:
    yard.plan()
    decisions.close(yard.lab.session(), yard.key, Status.ANSWERED, NOW, outcome="Approve")
    with pytest.raises(NotApprovedError):
        yard.apply()
    assert yard.leaves() == [1, 2, 3]


@pytest.mark.fault
def test_a_question_that_was_changed_in_its_row_is_no_approval(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    yard.lab.run("update upkeep.decision set question = replace(question::text, '[1, 2]', '[1, 2, 3]')::json")
    with pytest.raises(NotApprovedError, match="is not this plan"):
        yard.apply()
    assert yard.leaves() == [1, 2, 3]


def test_done_twice_it_is_done_once(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    assert yard.apply() is End.DONE
    yard.lab.run("insert into leaf values (1, true)")
    assert yard.apply() is End.DONE_BEFORE
    assert yard.leaves() == [1, 3]


@pytest.mark.fault
def test_when_the_world_has_changed_it_is_asked_again_and_nothing_done(yard: Yard) -> None:
    yard.plan()
    first = yard.standing
    yard.answer()
    yard.lab.run("update leaf set old = true")
    assert yard.apply() is End.ASKED_AGAIN
    assert yard.leaves() == [1, 2, 3]
    again = yard.standing
    assert (again.status, again.round, again.outcome, again.begun_at) == ("open", 2, None, None)
    assert again.decision.question.evidence["steps"] == {"leaves": [1, 2, 3]}
    assert again.decision.question.body.startswith("**Asked again:**")
    (waiting,) = decisions.to_ask(yard.lab.session(), NOW)
    assert waiting.run_id == f"{first.decision.subject.run_id}__2", "the first run exists already, and Airflow starts none twice"
    with pytest.raises(NotApprovedError):
        yard.apply()
    yard.answer()
    assert yard.apply() is End.DONE
    assert yard.leaves() == []


@pytest.mark.near_miss
def test_a_size_or_a_moment_in_the_text_asks_nobody_again(yard: Yard) -> None:
    yard.plan()
    text = yard.standing.decision.question.body
    yard.answer()
    assert yard.apply() is End.DONE
    assert yard.standing.decision.question.body == text


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), BrokenError("away", retry=True), ValueError("odd")], ids=lambda e: type(e).__name__
)
def test_killed_half_way_a_rerun_goes_on_and_asks_nobody(yard: Yard, error: Exception) -> None:
    yard.plan()
    yard.answer()
    faults[1] = error
    with pytest.raises(type(error)):
        yard.apply()
    assert yard.leaves() == [2, 3]
    assert yard.apply() is End.DONE
    assert yard.leaves() == [3]
    assert (yard.standing.round, yard.result()) == (1, (True, "swept 2"))


def test_what_went_wrong_stands_beside_the_decision(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    faults[1] = BrokenError("the broom broke", "buy one", retry=False)
    with pytest.raises(BrokenError):
        yard.apply()
    assert yard.result() == (False, "failed: the broom broke")


def test_done_and_not_as_it_should_be_is_not_ok(yard: Yard) -> None:
    yard.lab.run("update leaf set stuck = true where id = 2")
    yard.plan()
    yard.answer()
    assert yard.apply() is End.DONE
    assert yard.result() == (False, "swept 2")
    assert yard.stored() == [("breach", "swept 2")]


@pytest.mark.near_miss
def test_when_nothing_is_left_to_do_that_is_said(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    yard.lab.run("delete from leaf where old")
    assert yard.apply() is End.NOTHING_LEFT
    assert yard.result() == (True, "no old leaves")


@pytest.mark.fault
def test_what_cannot_be_looked_at_is_not_done(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    yard.lab.run("alter table leaf rename to gone")
    with pytest.raises(BrokenError, match="whether the plan still holds is unknown: there is no yard"):
        yard.apply()
    assert yard.result()[0] is False


@pytest.mark.fault
def test_an_approval_of_long_ago_is_not_done(yard: Yard) -> None:
    yard.plan()
    yard.answer()
    late = replace(yard.asked.provenance, asked_at=NOW + timedelta(days=31))
    yard.asked = replace(yard.asked, provenance=late)
    with pytest.raises(BrokenError, match="approved too late"):
        yard.apply()
    assert yard.leaves() == [1, 2, 3]


def test_the_next_month_withdraws_what_is_open_of_the_last(yard: Yard) -> None:
    yard.plan()
    old, month = yard.key, yard.asked.window
    yard.asked = replace(yard.asked, window=Window(month.end, month.end + month.length))
    yard.plan()
    assert decisions.standing(yard.lab.session(), old).status is Status.WITHDRAWN
    assert yard.standing.status is Status.OPEN


def test_its_cadence_cleared_asks_only_for_another_plan(yard: Yard) -> None:
    yard.plan()
    yard.answer("Reject")
    yard.plan()
    assert (yard.standing.status, yard.standing.round) == (Status.ANSWERED, 1), "the same plan was refused"
    yard.lab.run("update leaf set old = true")
    yard.plan()
    assert (yard.standing.status, yard.standing.round) == (Status.OPEN, 2)


def test_while_people_look_at_it_the_question_stands(yard: Yard) -> None:
    yard.plan()
    with yard.lab.endpoint.connect("ask") as connection:
        decisions.ask(connection, yard.key, [], ("decisions", "r", "answer"), NOW)
    yard.lab.run("update leaf set old = true")
    yard.plan()
    assert yard.standing.decision.question.evidence["steps"] == {"leaves": [1, 2]}
    yard.answer()
    assert yard.apply() is End.ASKED_AGAIN


def test_who_started_the_run_is_who_asked(yard: Yard) -> None:
    yard.asked = replace(yard.asked, asked_by="fred")
    yard.plan()
    assert yard.standing.decision.asked_by == "fred"


def test_what_applies_takes_no_thresholds() -> None:
    def wrong(plan: Plan, db: Database, *, most: int = 3) -> Answer:
        return Answer.judged(f"{plan.subject} {db.name} {most}")

    with pytest.raises(ValueError, match="takes thresholds"):
        Applied.of(wrong)
    with pytest.raises(ValueError, match="1 or 2 signers"):
        job(Cadence.MONTHLY, owner="database", approve=swept, signers=3)


def test_a_job_without_plans_applies_nothing(yard: Yard) -> None:
    plain = replace(sweep, apply=None)
    with pytest.raises(ValueError, match="has no plans"):
        do(replace(yard.asked, duty=plain), Plan(subject="?", markdown="", steps={}))
