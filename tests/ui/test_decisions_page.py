"""The page of decisions: what waits, what was missed, who signed what on which evidence, and the export for an auditor."""

import html
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.decisions.examples import NOW, approval, question, review, signed
from tests.lab import Lab, fresh_database
from tests.ui.conftest import HOSTILE
from upkeep.decisions.decision import Decision, Status, Subject
from upkeep.decisions.form import Entered, consequences
from upkeep.decisions.people import Signer
from upkeep.decisions.question import digest_of
from upkeep.sources.scratch import ScratchServer
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.store.migrate import migrate
from upkeep.ui.app import create_app

PEOPLE = [Signer("owner", "olga", "12"), Signer("first", "fred", "7")]
WHERE = ("decisions", "a run/1", "answer")
DECIDED = {"root": "keep", "report": "take away", "action_owner": "owner", "action_due": "2026-11-20"}


def decide(lab: Lab) -> dict[str, Decision]:
    """One decision of each state, one that changed after it was signed, and one with a hostile name."""
    at = datetime.now(UTC) - timedelta(days=3)
    made = {
        "answered": review(needed=2),
        "missed": review(weeks=1),
        "withdrawn": review(weeks=2),
        "open": review(question("root", body="| a | b |\n|---|---|\n| `x` | <script>alert(1)</script> |"), weeks=3, due_days=7),
        "approved": approval("a"),
        "hostile": replace(review(question(HOSTILE)), subject=Subject(duty="d", target=HOSTILE, window=review().subject.window)),
    }
    with connected(lab.endpoint) as store:
        for each in made.values():
            decisions.open_decision(store, each, at)
            decisions.ask(store, each.key, PEOPLE, WHERE, at)
        one = made["answered"]
        digest = one.question.digest
        decisions.sign(store, one.key, replace(signed("olga", digest), values=DECIDED, person="owner"))
        second = signed("fred", digest, place=2, option="Countersign")
        decisions.sign(store, one.key, replace(second, user_id="7", person="first"))
        follows = consequences(one.question, Entered("Sign", DECIDED))
        decisions.close(store, one.key, Status.ANSWERED, NOW, outcome="Sign", consequences=follows)
        decisions.close(store, made["missed"].key, Status.MISSED, NOW, reason="nobody answered in time")
        decisions.close(store, made["withdrawn"].key, Status.WITHDRAWN, NOW, reason="asked again")
        for plan in ("a", "b"):
            decisions.open_decision(store, approval(plan), at, anew=True)
            decisions.ask(store, approval().key, PEOPLE, ("restore", "manual__1", "approve"), at)
            decisions.sign(store, approval().key, signed("olga", approval(plan).question.digest, option="Approve"))
            decisions.close(store, approval().key, Status.ANSWERED, NOW, outcome="Approve")
        decisions.put_result(store, approval().key, ok=False, text="Differs: 1 table", now=NOW)
    return made


@pytest.fixture(scope="module")
def lab(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "pages_decisions") as made:
        migrate(made.endpoint)
        yield made


@pytest.fixture(scope="module")
def made(lab: Lab) -> dict[str, Decision]:
    return decide(lab)


@pytest.fixture
def client(lab: Lab, made: dict[str, Decision]) -> TestClient:
    assert made
    return TestClient(create_app(lambda: lab.endpoint, []), base_url="http://test/")


def page(client: TestClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_before_anybody_was_asked_it_says_what_asks(server: ScratchServer) -> None:
    with fresh_database(server, "pages_undecided") as empty:
        migrate(empty.endpoint)
        text = page(TestClient(create_app(lambda: empty.endpoint, []), base_url="http://test/"), "decisions")
    assert "Nobody was asked anything yet" in text
    assert "<code>open_decisions</code>" in text


def test_open_ones_come_first_with_their_link(client: TestClient) -> None:
    text = page(client, "decisions")
    states = [text.index(f">{word}</span>") for word in ("open", "missed")]
    assert states == sorted(states)
    assert "../dags/decisions/runs/a%20run%2F1/tasks/answer/required_actions" in text
    assert 'aria-current="page">Decisions</a>' in text


@pytest.mark.parametrize(("state", "there"), [("open", 2), ("missed", 1), ("answered", 2), ("withdrawn", 1), ("all", 6)], ids=str)
def test_each_state_has_its_list(client: TestClient, state: str, there: int) -> None:
    assert page(client, f"decisions?state={state}").count('href="decision?key=') - 1 == there, "and the work that is to be done"


def test_work_that_was_decided_is_shown_with_its_owner_and_late(client: TestClient, lab: Lab) -> None:
    text = page(client, "decisions")
    assert "Take superuser away from report" in text
    lab.run("update upkeep.action_item set due_on = '2020-01-01'")
    assert "late" in page(client, "decisions").split("Work that was decided")[1]
    lab.run("update upkeep.action_item set due_on = '2026-11-20'")


def test_one_decision_shows_who_signed_what_on_which_evidence(client: TestClient, made: dict[str, Decision]) -> None:
    text = page(client, f"decision?key={quote(made['answered'].key, safe='')}")
    assert text.index("<b>owner</b>") < text.index("<b>first</b>")
    assert "report: take away" in text
    assert text.count(made["answered"].question.digest[:16]) >= 3
    assert text.count(">unchanged</span>") == 3
    assert "changed since" not in text


def test_the_question_is_shown_as_it_was_and_runs_nothing(client: TestClient, made: dict[str, Decision]) -> None:
    text = page(client, f"decision?key={quote(made['open'].key, safe='')}")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script>alert" not in text
    assert "Nobody has signed." in text


def test_an_approval_shows_its_rounds_and_what_came_of_it(client: TestClient) -> None:
    text = page(client, f"decision?key={quote(approval().key, safe='')}")
    assert "round 1, no longer counts" in text
    assert "Not as approved" in text
    assert "Differs: 1 table" in text


def test_hostile_names_are_text(client: TestClient, made: dict[str, Decision]) -> None:
    for address in ("decisions", f"decision?key={quote(made['hostile'].key, safe='')}"):
        text = page(client, address)
        assert html.escape(HOSTILE, quote=False).replace("'", "&#39;").replace('"', "&#34;") in text
        assert "<script>alert" not in text


def test_one_that_is_not_there_is_said(client: TestClient) -> None:
    answer = client.get("decision?key=x")
    assert answer.status_code == 404
    assert "There is no decision" in answer.text


def test_an_auditor_gets_everything_and_can_work_out_the_hashes(client: TestClient, made: dict[str, Decision]) -> None:
    document = json.loads(page(client, "decisions.json"))
    assert "SHA-256" in document["how_to_verify"]
    assert len(document["decisions"]) == len(made)
    one = next(each for each in document["decisions"] if each["key"] == made["answered"].key)
    assert digest_of(one["question"]) == one["digest"] == one["signatures"][0]["digest"]
    first, second = one["signatures"]
    names = ("place", "option", "values", "user", "user_id", "person", "answered_at", "digest", "previous")
    assert digest_of({name: second[name] for name in names}) == second["sha256"]
    assert second["previous"] == first["sha256"]
    assert [item["object"] for item in one["action_items"]] == ["report"]


def test_the_same_to_be_read(client: TestClient, made: dict[str, Decision]) -> None:
    text = page(client, f"decisions.md?key={quote(made['answered'].key, safe='')}")
    assert text.startswith("# Decisions\n\n1 in all.")
    assert "**Countersign** by first (user `fred`, id `7`)" in text
    assert "work: Take superuser away from report, owner by 2026-11-20, to be done" in text


def test_a_span_of_time_can_be_asked_for(client: TestClient) -> None:
    until = quote((datetime.now(UTC) - timedelta(days=30)).isoformat())
    assert json.loads(page(client, f"decisions.json?until={until}"))["decisions"] == []


@pytest.mark.fault
def test_what_was_changed_behind_our_back_is_said(client: TestClient, lab: Lab, made: dict[str, Decision]) -> None:
    key = made["answered"].key
    lab.run("alter table upkeep.decision_answer disable trigger only_added")
    lab.run("update upkeep.decision_answer set person = 'mallory' where person = 'owner'")
    try:
        (first, second) = json.loads(page(client, f"decisions.json?key={quote(key, safe='')}"))["decisions"][0]["signatures"]
        assert (first["unchanged"], second["unchanged"]) == (False, True)
        assert "changed since" in page(client, f"decision?key={quote(key, safe='')}")
        assert "**changed since**" in page(client, f"decisions.md?key={quote(key, safe='')}")
    finally:
        lab.run("update upkeep.decision_answer set person = 'owner' where person = 'mallory'")
        lab.run("alter table upkeep.decision_answer enable trigger only_added")


def test_nothing_writes(client: TestClient) -> None:
    for address in ("decisions", "decision?key=x", "decisions.json", "decisions.md"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, address).status_code == 405
