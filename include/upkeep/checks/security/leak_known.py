"""The inventory's own secrets, read from their stores to be looked for, and forgotten."""

from collections.abc import Iterator, Mapping

from upkeep.checks.security.leak_scan import Look
from upkeep.checks.security.secret_texts import secret_texts
from upkeep.errors import UpkeepError
from upkeep.formats.secret_patterns import Spotted
from upkeep.rotation.stages import Stage
from upkeep.sources.connections import Connections
from upkeep.targets.secret import Secret


def known_values(declared: list[Secret], connections: Connections) -> tuple[Mapping[str, tuple[str, bool]], list[str]]:
    """Texts with what they are of and whether they are current; and what could not be read."""
    known: dict[str, tuple[str, bool]] = {}
    unread = []
    for secret in declared:
        try:
            store = secret.opened(connections)
            found = {stage: store.read(stage) for stage in (Stage.PREVIOUS, Stage.PENDING, Stage.CURRENT)}
        except UpkeepError as error:
            unread.append(f"secret {secret.name}: {error}")
            continue
        for stage, version in found.items():
            for text in secret_texts(version.value) if version else ():
                known[text] = (f"{stage.value} value of {secret.name}", stage is not Stage.PREVIOUS)
    return known, unread


def by_value(known: Mapping[str, tuple[str, bool]]) -> Look:
    """Where these texts stand."""

    def look(_: str, text: str) -> Iterator[Spotted]:
        for value, (kind, current) in known.items():
            at = text.find(value)
            while at >= 0:
                yield Spotted(kind, text.count("\n", 0, at) + 1, current, value)
                at = text.find(value, at + len(value))

    return look
