"""The owner's written plan for a disaster: a YAML file whose every step has its expected time."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from upkeep.config.inventory import inventory_path
from upkeep.config.yaml_document import Document
from upkeep.field_types import Name, Seconds
from upkeep.targets.recovery import SmokeQuery
from upkeep.targets.target import Strict

KINDS = ("command", "query", "restore", "check", "person")
Covered = Literal["server", "roles", "extensions", "settings", "left out"]
_SECRET = re.compile(r"(?i)://[^/\s:@]*:[^@\s]+@|\b(?:pg)?(?:password|passwd|pwd|secret|token|api[_-]?key)\b\s*[=:]")
_AT_LEAST_S = 60.0


class Step(Strict):
    """One step: exactly one of command, query, restore, check and person says what is done."""

    name: Name
    expected: Seconds = Field(description="How long it takes, such as 10 min")
    timeout: Seconds | None = Field(default=None, description="When it is ended; else twice that, a minute at least")
    command: Annotated[tuple[str, ...], Field(min_length=1)] | None = Field(default=None, description="Program and its words")
    network: bool = Field(default=False, description="Let the command use the network; it could reach production")
    query: str | None = Field(default=None, min_length=1, description="One statement that reads the copy")
    expect: bool | int | float | str | None = Field(default=None, description="What the query answers")
    at_least: float | None = None
    at_most: float | None = None
    restore: Literal["newest"] | None = Field(default=None, description="The newest backup into the drill's server")
    check: Literal["starts", "amcheck"] | None = Field(default=None, description="It starts again, or holds together")
    person: str | None = Field(default=None, min_length=1, description="What somebody does; nobody is asked in a drill")
    covers: tuple[Covered, ...] = Field(default=(), description="What else this step sees to")

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Step":
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"a step is one of {', '.join(KINDS)}; this has {', '.join(given) or 'none'}")
        if any("\0" in word for word in self.command or ()):
            raise ValueError("an argument has a NUL character")
        if any(_SECRET.search(word) for word in self.command or ()):
            raise ValueError("an argument holds what looks like a secret: the drill gives the connection by PGPASSFILE")
        if self.query is not None:
            self.as_query()
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def longest_s(self) -> float:
        """When it is ended, seconds."""
        return self.timeout or max(2 * self.expected, _AT_LEAST_S)

    def as_query(self) -> SmokeQuery:
        """Its query with what is right."""
        limits: dict[str, Any] = {"expect": self.expect, "at_least": self.at_least, "at_most": self.at_most}
        return SmokeQuery(name=self.name, sql=str(self.query), timeout_s=min(self.longest_s, 3600), **limits)


class _Written(Strict):
    """The whole file."""

    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _told_apart(self) -> "_Written":
        names = [step.name for step in self.steps]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two steps are called {doubled[0]}: names are unique")
        return self


@dataclass(frozen=True, slots=True)
class Plan:
    """Its steps in their order, the folder that programs are named from, and the sum of the file."""

    steps: tuple[Step, ...]
    folder: Path
    sha256: str

    @property
    def expected_s(self) -> float:
        """How long all of it takes by the plan, seconds."""
        return sum(step.expected for step in self.steps)


def read(name: str) -> Plan:
    """The plan of this file, beside the inventory unless its path is whole. Raises InventoryError with every mistake's line."""
    path = inventory_path().parent / name
    document = Document(path)
    written = document.parse(_Written, document.mapping())
    return Plan(written.steps, path.parent, hashlib.sha256(path.read_bytes()).hexdigest())
