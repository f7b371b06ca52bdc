"""Records of features: what fills a gate, which paths they name, and what cannot be read, by its line."""

import pytest

from upkeep.delivery.feature import Feature, Reference, UnreadableFeatureError, read_feature
from upkeep.delivery.gates import GATES, STAGES, due

WHOLE = """\
---
feature: Carts keep for a week
stage: build
owner: ann
requirements: https://tickets.test/7
acceptance criteria:
  - kept for seven days
  - docs/carts.md#criteria
effort: 5
decision: docs/adr/0007-carts.md
schema: none, since nothing is stored
contract: none
usage:
---
# Carts

## Design

See [the drawing](../docs/design/carts.svg "big") and [the site](https://shop.test/a.md), [below](#more).

```
[no link](nowhere.md)
```

## Feedback

## Rollout ##
One in ten first.
"""


def test_a_whole_record() -> None:
    assert read_feature(WHOLE) == Feature(
        name="Carts keep for a week",
        stage="build",
        owner="ann",
        passed=frozenset({"requirements", "acceptance criteria", "effort", "decision", "schema", "design", "rollout"}),
        unsaid=frozenset({"contract"}),
        references=(
            Reference(6, "docs/carts.md"),
            Reference(10, "docs/adr/0007-carts.md"),
            Reference(19, "../docs/design/carts.svg"),
        ),
    )


@pytest.mark.parametrize("value", ["", '""', "none", "'None:'", "[]", "{a: b}", "false", "null", '["", none]'])
def test_what_fills_no_gate(value: str) -> None:
    assert "schema" not in read_feature(f"---\nfeature: x\nstage: idea\nschema: {value}\n---\n").passed


@pytest.mark.parametrize("value", ["a text", "3", "2026-05-14", "[one]", "none, since nothing is stored", "docs/a.md"])
def test_what_fills_one(value: str) -> None:
    assert "schema" in read_feature(f"---\nfeature: x\nstage: idea\nschema: {value}\n---\n").passed


def test_words_with_dots_and_slashes_are_no_paths() -> None:
    told = read_feature("---\nfeature: x\nstage: idea\nrequirements: and/or it is 5.0 of a.b\neffort: 3.5\n---\n")
    assert told.references == ()


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "does not begin with ---"),
        ("# Carts\n", 1, "does not begin with ---"),
        ("---\nfeature: x\n", 1, "have no end"),
        ("---\n---\n", 2, "no names with values"),
        ("---\n- a\n---\n", 2, "no names with values"),
        ("---\nfeature: x\nstage: biuld\n---\n", 3, 'did you mean "build"'),
        ("---\nfeature: x\n---\n", 1, "stage is"),
        ("---\nstage: [a]\nfeature: x\n---\n", 2, "stage is"),
        ("---\nfeature:\nstage: idea\n---\n", 2, "has no name"),
        ("---\nfeature: x\nstage: idea\nrequirments: y\n---\n", 4, 'did you mean "requirements"'),
        ("---\nfeature: x\nstage: idea\nstage: live\n---\n", 4, "has stage twice"),
        ("---\nfeature: x\nschema: none: why\nstage: idea\n---\n", 3, "mapping values are not allowed here"),
        ("---\nfeature: x\nstage: idea\nusage: 2026-02-31\n---\n", 2, "no YAML"),
        ("---\nfeature: !!python/object:os.system x\nstage: idea\n---\n", 2, "could not determine a constructor"),
    ],
)
def test_what_cannot_be_read_says_its_line(text: str, line: int, reason: str) -> None:
    with pytest.raises(UnreadableFeatureError) as raised:
        read_feature(text)
    assert reason in raised.value.reason
    assert raised.value.line == line


def test_a_record_that_multiplies_itself_does_no_harm() -> None:
    bomb = "\n".join(f"{gate}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]" for n, gate in enumerate(GATES))
    assert read_feature(f"---\nfeature: x\nstage: idea\n{bomb}\n---\n").passed <= set(GATES)


def test_gates_add_up_from_stage_to_stage() -> None:
    assert [len(list(due(stage))) for stage in STAGES] == [0, 3, 5, 9, 11, 12, 14]
    assert set(due("done")) == set(GATES)
