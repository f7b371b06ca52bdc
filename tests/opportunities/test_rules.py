"""What holds for every rule, whoever adds one. Each message says the way out."""

import re
from pathlib import Path

import pytest

from upkeep.opportunities.document import DOCUMENT, document
from upkeep.opportunities.rule import Rule
from upkeep.opportunities.rules import broken_rules, every_action, every_rule

ROOT = Path(__file__).parents[2]
MARKERS = ("baseline", "near_miss", "fault")
every = pytest.mark.parametrize("rule", every_rule(), ids=lambda rule: rule.name)


def test_every_file_is_a_rule() -> None:
    files = {path.stem for path in (ROOT / "include/upkeep/opportunities/rules").glob("*.py")} - {"__init__"}
    assert broken_rules() == ()
    assert {each.name for each in every_rule()} == files


@every
def test_its_text_says_what_and_how_it_is_judged(rule: Rule) -> None:
    first, _, rest = rule.text.partition("\n")
    assert first.strip().endswith("."), f"{rule.name}: begin the docstring with one sentence"
    assert len(rest.split()) >= 15, f"{rule.name}: after an empty line, say how it is judged and what it leaves out"


@every
def test_it_names_the_actions_that_it_needs(rule: Rule) -> None:
    assert bool(rule.actions) == (rule.looks == "api"), (
        f"{rule.name}: actions=(…) are for rules that call AWS, and for these only"
    )
    for action in rule.actions:
        assert re.fullmatch(r"[a-z0-9-]+:(Describe|Get|List)[A-Za-z]+", action), f"{rule.name}: {action} does more than read"


@every
def test_it_is_tested_healthy_near_and_faulty(rule: Rule) -> None:
    path = ROOT / f"tests/opportunities/rules/test_{rule.name}.py"
    assert path.exists(), f"write {path.relative_to(ROOT)}"
    lacking = [marker for marker in MARKERS if f"mark.{marker}" not in path.read_text(encoding="utf-8")]
    assert not lacking, f"tests of {rule.name}: mark some with {', '.join('@pytest.mark.' + m for m in lacking)}"


def test_the_document_is_up_to_date() -> None:
    committed = (ROOT / DOCUMENT).read_text(encoding="utf-8")
    assert committed == document(), "run `.venv/bin/python -m upkeep.opportunities.document` and commit docs/opportunities.md"


def test_the_policy_has_each_action_once() -> None:
    assert len(set(every_action())) == len(every_action())
    assert all(action in document() for action in every_action())
