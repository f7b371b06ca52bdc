"""A store of places that each hold one text: files, parameters, paths. Three of them make a secret with its stages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.stages import Stage, Version


class Slots(Protocol):
    """Three places. `put` replaces at once: a reader sees the old text or the new one."""

    def get(self, stage: Stage) -> tuple[str, datetime] | None:
        """The text and when it was put there, None when there is none."""
        ...

    def put(self, stage: Stage, text: str) -> None:
        """Replace the text."""
        ...

    def delete(self, stage: Stage) -> None:
        """Take it away. When there is none, nothing is done."""
        ...


@dataclass(frozen=True, slots=True)
class SlotStore:
    """
    A secret in three slots. Applications read the slot `current` alone.

    `promote` copies current to previous, then pending to current, then takes pending away. Cut off after the first step, it
    begins again; after the second, what is current is what is pending, and only the third is left.
    """

    slots: Slots

    def check(self) -> None:
        """Any state of three slots is one that a rotation can go on from."""

    def read(self, stage: Stage) -> Version | None:
        """The value of a slot; its version is the moment at which it was put there."""
        found = self.slots.get(stage)
        if found is None:
            return None
        text, at = found
        return Version(at.isoformat(), SecretValue.parse(text, any_text=stage is Stage.PREVIOUS), at)

    def stage(self, value: SecretValue) -> None:
        """Fill the slot `pending`."""
        self.slots.put(Stage.PENDING, value.text)

    def promote(self) -> None:
        """Bring the three in order, each step once."""
        pending, current = self.slots.get(Stage.PENDING), self.slots.get(Stage.CURRENT)
        if pending is None:
            return
        if current is not None and current[0] != pending[0]:
            self.slots.put(Stage.PREVIOUS, current[0])
        if current is None or current[0] != pending[0]:
            self.slots.put(Stage.CURRENT, pending[0])
        self.slots.delete(Stage.PENDING)

    def discard(self) -> None:
        """Empty the slot `pending`."""
        self.slots.delete(Stage.PENDING)
