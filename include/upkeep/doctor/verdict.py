"""What the doctor says about one thing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """`no` needs a person; `note` is worth knowing and needs nobody."""

    OK = "ok"
    NOTE = "note"
    NO = "no"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """
    One line of the examination.

    `blind` names the duties that stay unknown until it is mended; `grants` are statements for an administrator of `server`, in
    `database`; `where` is the line of the inventory, `file:line`.
    """

    subject: str
    about: str
    level: Level
    said: str
    remedy: str = ""
    blind: tuple[str, ...] = ()
    where: str = ""
    server: str = ""
    database: str = ""
    grants: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data for machines."""
        return {**asdict(self), "level": self.level.value}


def needs_a_person(verdicts: Sequence[Verdict]) -> bool:
    """Whether anything is a `no`."""
    return any(v.level is Level.NO for v in verdicts)
