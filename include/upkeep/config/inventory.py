"""What is looked after: targets and people, read from one YAML file."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from upkeep.config.entries import Where, entries, first_on_call, misplaced
from upkeep.config.own_databases import own_databases
from upkeep.config.settings import Person, Settings
from upkeep.config.yaml_document import Document, refused
from upkeep.errors import InventoryError
from upkeep.suggestions import nearest
from upkeep.targets import kinds
from upkeep.targets.repository import CodeRepository
from upkeep.targets.target import Strict, Target

Model = TypeVar("Model", bound=BaseModel)
Kind = TypeVar("Kind", bound=Target)


class Inventory(Strict):
    """The whole file, validated."""

    settings: Settings
    targets: tuple[Target, ...]

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin."""
        return ZoneInfo(self.settings.timezone)

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Targets of one kind, in the file's order."""
        return tuple(t for t in self.targets if isinstance(t, kind))

    def target(self, name: str) -> Target:
        """One target; raises InventoryError with the nearest name when there is none."""
        for target in self.targets:
            if target.name == name:
                return target
        msg = f'no target is called "{name}"{nearest(name, [t.name for t in self.targets])}'
        raise InventoryError(msg)

    def person(self, name: str) -> Person:
        """One person; owners are known to exist."""
        return next(p for p in self.settings.people if p.name == name)


def inventory_path() -> Path:
    """UPKEEP_INVENTORY, else the file beside this package."""
    given = os.environ.get("UPKEEP_INVENTORY")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "inventory.yaml"


def load(path: Path) -> Inventory:
    """Read and validate; raises InventoryError that lists every problem, a line each."""
    document = Document(path)
    data = document.mapping()
    wrong = list(_unknown_sections(document, data))
    wrong += [document.say(where, problem) for where, problem in misplaced(data)]
    settings = _parsed(document, Settings, {k: v for k, v in data.items() if k in Settings.model_fields}, (), wrong)
    targets = [
        (where, target) for where, kind, entry in entries(data) if (target := _parsed(document, kind, entry, where, wrong))
    ]
    if settings:
        wrong += _doubled_people(document, settings)
        wrong += _owner_of_own(document, settings)
        wrong += _owners_that_are_nobody(document, targets, settings)
    wrong += _doubled_names(document, targets)
    wrong += _named_but_not_there(document, targets)
    if settings and not wrong:
        wrong += _tags_of_no_repository(document, targets, settings)
    if wrong or not settings:
        raise refused(wrong)
    shared = {name: getattr(settings, name) for name in Settings.model_fields}
    named = [target for _, target in targets]
    own = own_databases(settings.own_databases, first_on_call(data), named)
    return Inventory(settings=settings, targets=tuple(target.with_defaults(shared) for target in (*named, *own)))


@cache
def current() -> Inventory:
    """The inventory of this process, read once."""
    return load(inventory_path())


_Placed = list[tuple[Where, Target]]


def _unknown_sections(document: Document, data: Mapping[Any, Any]) -> Iterator[str]:
    valid = [*Settings.model_fields, *kinds()]
    return (document.say((str(key),), f"unknown field{nearest(str(key), valid)}") for key in data if key not in valid)


def _parsed(document: Document, model: type[Model], data: Any, where: Where, wrong: list[str]) -> Model | None:
    try:
        return document.parse(model, data, where)
    except InventoryError as error:
        wrong.append(str(error))
        return None


def _doubled_people(document: Document, settings: Settings) -> Iterator[str]:
    names: dict[str, int] = {}
    orders: dict[int, str] = {}
    for index, person in enumerate(settings.people):
        first = names.setdefault(person.name, index)
        if first != index:
            line = document.line(("people", first, "name"))
            yield document.say(("people", index, "name"), f'"{person.name}" is already the name of line {line}; names are unique')
        if person.on_call and orders.setdefault(person.on_call, person.name) != person.name:
            problem = f"{person.on_call} is already the number of {orders[person.on_call]}; the order must be clear"
            yield document.say(("people", index, "on_call"), problem)


def _owners_that_are_nobody(document: Document, targets: _Placed, settings: Settings) -> Iterator[str]:
    people = {person.name for person in settings.people}
    for where, target in targets:
        if target.owner not in people:
            yield document.say((*where, "owner"), f'"{target.owner}" is no person of this file{nearest(target.owner, people)}')


def _owner_of_own(document: Document, settings: Settings) -> Iterator[str]:
    names, own = [person.name for person in settings.people], settings.own_databases
    if own and own.owner is not None and own.owner not in names:
        yield document.say(("own_databases", "owner"), f'"{own.owner}" is no person of this file{nearest(own.owner, names)}')


def _doubled_names(document: Document, targets: _Placed) -> Iterator[str]:
    first: dict[str, Where] = {}
    for where, target in targets:
        if first.setdefault(target.name, where) != where:
            line = document.line((*first[target.name], "name"))
            yield document.say((*where, "name"), f'"{target.name}" is already the name of line {line}; names are unique')


def _named_but_not_there(document: Document, targets: _Placed) -> Iterator[str]:
    known = {section: {target.name for _, target in targets if target.section == section} for section in kinds()}
    for where, target in targets:
        for field, section in target.names.items():
            for index, name in enumerate(getattr(target, field)):
                if name not in known[section]:
                    problem = f'"{name}" is none of {section} of this file{nearest(name, known[section])}'
                    yield document.say((*where, field, index), problem)


def _tags_of_no_repository(document: Document, targets: _Placed, settings: Settings) -> Iterator[str]:
    known = {tag for _, target in targets if isinstance(target, CodeRepository) for tag in target.tags}
    for tag in settings.vulnerability_days:
        if tag not in known:
            problem = f"no repository of this file has this tag: its days would count for nothing{nearest(tag, known)}"
            yield document.say(("vulnerability_days", tag), problem)
