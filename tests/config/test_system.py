"""The system as a whole is a target that always exists once."""

from pathlib import Path

import pytest

from upkeep.config.entries import entries, misplaced
from upkeep.config.inventory import load
from upkeep.config.yaml_document import Document
from upkeep.errors import InventoryError
from upkeep.targets import kinds
from upkeep.targets.database import Database
from upkeep.targets.system import System

PEOPLE = (
    "people:\n"
    "  - {name: ann, role: dba, slack: U0ANN}\n"
    "  - {name: bob, role: dev, slack: U0BOB, on_call: 2}\n"
    "  - {name: cid, role: ops, slack: U0CID, on_call: 1}\n"
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "inventory.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("section", ["", "system:\n", "system: {}\n"])
def test_it_is_there_without_being_said_and_the_first_on_call_owns_it(tmp_path: Path, section: str) -> None:
    inventory = load(written(tmp_path, PEOPLE + section))
    assert [(t.name, t.owner, t.red_at, t.at_once) for t in inventory.of(System)] == [("system", "cid", "high", 2)]


def test_without_anybody_on_call_the_first_person_owns_it(tmp_path: Path) -> None:
    (system,) = load(written(tmp_path, "people: [{name: ann, role: dba, slack: U0ANN}]\n")).of(System)
    assert system.owner == "ann"


def test_the_section_says_what_differs(tmp_path: Path) -> None:
    text = PEOPLE + "system:\n  name: shop platform\n  owner: ann\n  red_at: critical\n  at_once: 1\n"
    (system,) = load(written(tmp_path, text)).of(System)
    assert (system.name, system.owner, system.red_at, system.at_once) == ("shop platform", "ann", "critical", 1)


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ("system: {owner: nobody}\n", '5: system.owner: "nobody" is no person of this file'),
        ("system: [{name: x}]\n", "5: system"),
        ("system: {red: high}\n", "5: system.red: unknown field"),
        ("system: {thresholds: 7}\n", "5: system.thresholds"),
        ("databases: {name: shop}\n", "5: databases: expected a list of databases"),
        ("databases:\n  - {name: system, owner: ann, connection: x}\n", 'system.name: "system" is already the name of line 6'),
    ],
)
def test_what_is_wrong_names_its_line(tmp_path: Path, section: str, message: str) -> None:
    with pytest.raises(InventoryError) as error:
        load(written(tmp_path, PEOPLE + section))
    assert message in str(error.value)


def test_entries_are_in_the_order_of_kinds_with_their_places(tmp_path: Path) -> None:
    path = written(tmp_path, PEOPLE + "databases: [{name: a}, 7]\nsystem: 3\n")
    found = list(entries(Document(path).mapping()))
    assert found == [
        (("databases", 0), Database, {"name": "a"}), (("databases", 1), Database, 7), (("system",), System, 3),
    ]  # fmt: skip
    assert list(misplaced({"databases": 7})) == [(("databases",), "expected a list of databases, each starting with '- name:'")]
    assert list(misplaced({"databases": None, "system": 7})) == []


@pytest.mark.parametrize("people", [None, 7, [], ["ann"], [{"name": None}], [{"on_call": "x", "name": "ann"}]])
def test_a_broken_list_of_people_is_left_to_its_own_error(people: object) -> None:
    assert len(list(entries({"people": people if isinstance(people, list | None) else []}))) == 1


def test_every_kind_says_in_its_first_line_what_it_is() -> None:
    for section, kind in kinds().items():
        assert kind.section == section
        assert (kind.__doc__ or "").strip(), f"{kind.__name__}: its docstring is shown in the schema"


@pytest.mark.parametrize(("field", "at_once"), [("at_once: 7", 7), ("sessions: 7", 7), ("red_at: low", 2)])
def test_the_older_name_of_a_limit_still_loads(tmp_path: Path, field: str, at_once: int) -> None:
    text = PEOPLE + f"databases:\n  - name: shop\n    owner: ann\n    connection: x\n    {field}\n"
    (shop,) = load(written(tmp_path, text)).of(Database)
    assert shop.at_once == at_once
