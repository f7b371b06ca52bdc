"""The waivers file: findings accepted for a time, each with a reason, an issue, an approver and a day it ends."""

import ast
import hashlib
import inspect
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from upkeep.answer import Finding
from upkeep.config.inventory import Inventory, inventory_path
from upkeep.config.yaml_document import Document, refused
from upkeep.duty import Duty
from upkeep.errors import InventoryError
from upkeep.suggestions import nearest

LONGEST = timedelta(days=366)
Words = Annotated[str, Field(min_length=1, max_length=500)]


class Waiver(BaseModel):
    """One accepted finding or a group of them. Without target, rule or object it is for all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    duty: Words = Field(description="Duty whose findings it quiets")
    target: Words | None = Field(default=None, description="Target it is for; all without it")
    rule: Words | None = Field(default=None, description="Rule it is for; all without it")
    object: Words | None = Field(default=None, description="Object it is for, as the finding spells it; all without it")
    reason: Words = Field(description="Why the finding is accepted")
    issue: str = Field(pattern=r"^https://\S+$", description="Link (https://) to where that was decided")
    approver: str = Field(description="Who accepted it: a person of the inventory")
    starts_on: date | None = Field(default=None, description="First day it holds, in UTC; without it, 366 days before its end")
    expires_on: date = Field(description="First day it no longer holds, in UTC; at most 366 days after its start")

    @model_validator(mode="after")
    def _ends_in_time(self) -> "Waiver":
        if not self.first_day < self.expires_on <= self.first_day + LONGEST:
            msg = f"expires_on {self.expires_on} must come after starts_on {self.first_day}, by at most {LONGEST.days} days"
            raise ValueError(msg)
        return self

    @property
    def first_day(self) -> date:
        """First day it holds."""
        return self.starts_on or self.expires_on - LONGEST

    @cached_property
    def id(self) -> str:
        """Stays the same for as long as it is for the same findings."""
        key = "\x1f".join("\x00" if part is None else part for part in (self.duty, self.target, self.rule, self.object))
        return hashlib.sha256(key.encode()).hexdigest()[:16]

    def is_for(self, finding: Finding, duty: str, target: str) -> bool:
        """Whether it is for this finding, on whatever day."""
        wanted = ((self.duty, duty), (self.target, target), (self.rule, finding.rule))
        return all(mine in {None, its} for mine, its in wanted) and self.object in {None, finding.object, *also_called(finding)}

    def quiets(self, finding: Finding, duty: str, target: str, day: date) -> bool:
        """Whether it is for this finding and holds on this day (UTC)."""
        return self.first_day <= day < self.expires_on and self.is_for(finding, duty, target)


@dataclass(frozen=True, slots=True)
class Waivers:
    """The waivers of the file, for a duty whose findings have a clock that a waiver stops."""

    entries: tuple[Waiver, ...]

    def times(self, finding: Finding, duty: str, target: str) -> list[tuple[date, date]]:
        """The times, from the first day to the first that is no more (UTC), during which a finding is accepted."""
        return [(one.first_day, one.expires_on) for one in self.entries if one.is_for(finding, duty, target)]


def also_called(finding: Finding) -> tuple[str, ...]:
    """Other names of a finding's object, which a waiver may use: a fault's other names."""
    return tuple(map(str, finding.details.get("also_called", ())))


def waived(finding: Finding, duty: str, target: str, waivers: Iterable[Waiver], day: date) -> bool:
    """Whether any waiver quiets this finding on this day (UTC)."""
    return any(waiver.quiets(finding, duty, target, day) for waiver in waivers)


def waivers_path() -> Path:
    """UPKEEP_WAIVERS, else waivers.yaml beside the inventory."""
    given = os.environ.get("UPKEEP_WAIVERS")
    return Path(given) if given else inventory_path().with_name("waivers.yaml")


def load_waivers(path: Path, inventory: Inventory, duties: Sequence[Duty]) -> tuple[Waiver, ...]:
    """
    Read and validate; raises InventoryError that lists every problem with its line.

    No file beside the inventory means no waivers; a file that UPKEEP_WAIVERS names must be there.
    """
    if not path.exists() and "UPKEEP_WAIVERS" not in os.environ:
        return ()
    document = Document(path)
    data = document.mapping()
    wrong = [document.say((str(key),), f"unknown field{nearest(str(key), ['waivers'])}") for key in data if key != "waivers"]
    entries = data.get("waivers") or []
    if not isinstance(entries, list):
        raise document.error(("waivers",), "expected a list, each entry starting with '- duty:'")
    found = {}
    for index, entry in enumerate(entries):
        try:
            found[index] = document.parse(Waiver, entry, ("waivers", index))
        except InventoryError as error:
            wrong.append(str(error))
    wrong += [document.say(("waivers", *where), message) for where, message in _misnamed(found, inventory, duties)]
    if wrong:
        raise refused(wrong)
    return tuple(found.values())


def _misnamed(found: dict[int, Waiver], inventory: Inventory, duties: Sequence[Duty]) -> Iterator[tuple[tuple[int, str], str]]:
    by_name = {duty.name: duty for duty in duties}
    people = [person.name for person in inventory.settings.people]
    first: dict[str, int] = {}
    for index, waiver in found.items():
        duty = by_name.get(waiver.duty)
        if first.setdefault(waiver.id, index) != index:
            yield (index, "duty"), f"the same findings are already waived by entry {first[waiver.id] + 1}; keep one"
        if waiver.approver not in people:
            yield (index, "approver"), f'"{waiver.approver}" is no person of the inventory{nearest(waiver.approver, people)}'
        if duty is None:
            yield (index, "duty"), f'no duty is called "{waiver.duty}"{nearest(waiver.duty, by_name)}'
            continue
        targets = [target.name for target in inventory.of(duty.target)]
        if waiver.target and waiver.target not in targets:
            yield (index, "target"), f'{duty.name} has no target "{waiver.target}"{nearest(waiver.target, targets)}'
        rules = rules_of(duty)
        if waiver.rule and rules and waiver.rule not in rules:
            yield (index, "rule"), f'{duty.name} has no rule "{waiver.rule}"{nearest(waiver.rule, rules)}'


def rules_of(duty: Duty) -> frozenset[str]:
    """Rules that the file of a duty spells out; empty when some are made at run time, so that nobody can tell."""
    module = sys.modules.get(duty.ask.__module__)
    tree = ast.parse(inspect.getsource(module)) if module else ast.Module([], [])
    given = [word.value for word in ast.walk(tree) if isinstance(word, ast.keyword) and word.arg == "rule"]
    spelled = [value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)]
    return frozenset(spelled) if len(spelled) == len(given) else frozenset()
