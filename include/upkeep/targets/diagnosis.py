"""What an examination says about one thing."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from upkeep.need import Need


class Level(StrEnum):
    """`no` needs a person; `note` is worth knowing and needs nobody."""

    OK = "ok"
    NOTE = "note"
    NO = "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Diagnosis:
    """
    One line of the examination.

    `unmet` are needs that it leaves unmet, None when nothing at all can be asked; `blind` names the duties that stay unknown
    until it is mended, and `where` is the line of the inventory, `file:line`: the doctor fills in both, the latter from `field`.
    `grants` are statements for an administrator of `server`, in `database`.
    """

    subject: str
    about: str
    level: Level
    text: str
    remedy: str = ""
    blind: tuple[str, ...] = ()
    where: str = ""
    server: str = ""
    database: str = ""
    grants: tuple[str, ...] = ()
    field: str = "name"
    unmet: tuple[Need, ...] | None = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data for machines."""
        inner = {"field", "unmet"}
        given = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in inner}
        return {**given, "level": self.level.value}


def needs_a_person(diagnoses: Sequence[Diagnosis]) -> bool:
    """Whether anything is a `no`."""
    return any(v.level is Level.NO for v in diagnoses)
