"""A question's digest is that of everything that is shown and follows; its form takes only what fits."""

from dataclasses import replace
from datetime import date

import pytest

from tests.decisions.examples import login, question
from upkeep.decisions.form import ActionItem, Consequences, Entered, consequences, problems
from upkeep.decisions.markdown import code, plain
from upkeep.decisions.person_asked import PersonAsked, asks
from upkeep.decisions.question import Effect, Field, FieldKind, Question

GOOD = {"root": "keep", "report": "take away", "action_owner": "owner", "action_due": "2026-11-30"}


def test_a_question_survives_its_json_with_the_same_digest() -> None:
    asked = question(body="| é | \u2028 |")
    assert Question.from_json(asked.to_json()) == asked
    assert Question.from_json(asked.to_json()).digest == asked.digest
    assert len(asked.digest) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "Which roles?"},
        {"body": "All of these?"},
        {"evidence": {"logins": ["root"]}},
        {"options": ("Sign", "Refuse")},
        {"patch": "other: {accepted}"},
        {"fields": (login("root"),)},
        {"fields": (replace(login("root"), effects={"keep": Effect(action="nothing")}), login("report"))},
    ],
    ids=str,
)
def test_whatever_is_shown_or_follows_is_in_the_digest(other: dict[str, object]) -> None:
    assert replace(question(), **other).digest != question().digest  # type: ignore[arg-type]


def test_a_choice_needs_choices_and_effects_of_these_alone() -> None:
    with pytest.raises(ValueError, match="a choice needs choices"):
        Field(name="a", title="A")
    with pytest.raises(ValueError, match="effects of burn"):
        Field(name="a", title="A", choices=("keep",), effects={"burn": Effect()})


def test_a_good_answer_has_no_problems() -> None:
    assert problems(question(), Entered("Sign", GOOD), ["owner"]) == []


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"root": "burn"}, 'root: "burn" is none of keep, take away'),
        ({"root": None}, "root: is missing"),
        ({"root": ""}, "root: is missing"),
        ({"root": 1}, "root: expected text, found int"),
        ({"root": ["keep"]}, "root: expected text, found list"),
        ({"admin": "keep"}, "admin is no field of the form"),
        ({"action_due": "30.11.2026"}, 'By which day it is done: "30.11.2026" is no day such as 2026-11-30'),
        ({"action_due": "20261130"}, 'By which day it is done: "20261130" is no day such as 2026-11-30'),
        ({"action_due": None}, "By which day it is done is missing: something is to be done"),
        ({"action_owner": "ownr"}, 'Who does what is decided here: "ownr" is no person of the inventory; did you mean "owner"?'),
    ],
    ids=str,
)
def test_what_does_not_fit_is_said(entered: dict[str, object], message: str) -> None:
    assert message in problems(question(), Entered("Sign", GOOD | entered), ["owner"])


def test_an_option_that_was_not_offered_is_refused() -> None:
    assert problems(question(), Entered("Approve", GOOD), ["owner"]) == ['"Approve" is no answer to this; it is one of Sign']


def test_a_text_may_be_long_but_not_endless() -> None:
    text = replace(question(), fields=(Field(name="why", title="Why", kind=FieldKind.TEXT, required=False),))
    assert problems(text, Entered("Sign", {})) == problems(text, Entered("Sign", {"why": "x" * 2000})) == []
    assert problems(text, Entered("Sign", {"why": "x" * 2001})) == ["Why: is longer than 2,000 characters"]


def test_nothing_to_do_needs_neither_owner_nor_day() -> None:
    kept = Entered("Sign", {"root": "keep", "report": "keep"})
    assert problems(question(), kept) == []
    assert consequences(question(), kept) == Consequences((), 'expected: "root, report"')


def test_what_is_decided_becomes_work_with_an_owner_and_a_day() -> None:
    item = ActionItem(
        title="Take superuser away from report", remedy="-- report", object="report", owner="owner", due_on=date(2026, 11, 30)
    )
    assert consequences(question(), Entered("Sign", GOOD)) == Consequences((item,), "")


def test_a_list_is_proposed_only_when_it_changes_and_is_yaml_whatever_the_names() -> None:
    odd = question('ro"ot')
    assert consequences(odd, Entered("Sign", {'ro"ot': "keep"})).patch == 'expected: "ro\\"ot"'
    assert consequences(question("root"), Entered("Sign", {"root": "keep"})).patch == ""


def test_a_review_that_asks_is_ok_and_says_so() -> None:
    answer = asks(question)()
    assert isinstance(answer, PersonAsked)
    assert (answer.status.value, answer.summary) == ("ok", "asked: Which logins?")
    assert answer.evidence["digest"] == question().digest


def test_foreign_text_makes_no_markdown() -> None:
    assert code("a`b|c\nd") == "`a'b¦c d`"
    assert code("") == "unnamed"
    assert plain("[x](http://evil) | **y**") == r"\[x\]\(http\://evil\) \| \*\*y\*\*"
