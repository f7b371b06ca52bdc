"""Copies of the inventory's own secrets in a repository, found by their values."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from upkeep.answer import Answer, Severity
from upkeep.checks.security.leak_answer import answer, finding
from upkeep.checks.security.leak_scan import Look, scanned
from upkeep.checks.security.secret_texts import secret_texts
from upkeep.config.inventory import Inventory
from upkeep.duty import check
from upkeep.errors import UpkeepError
from upkeep.formats.secret_patterns import Spotted
from upkeep.humanize import plural
from upkeep.rotation.stages import Stage
from upkeep.sources.connections import Connections
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.targets.secret import Secret
from upkeep.window import Cadence


@check(Cadence.WEEKLY, owner="security")
def secret_copies(repository: CodeRepository, files: Repository, inventory: Inventory, connections: Connections) -> Answer:
    """
    Copies of the inventory's own secrets in a repository, found by their values.

    Current, pending and previous values are read from their stores, compared with every text file as it is now, tests and
    documentation too, and forgotten. A folder of logs that pipelines left, or of what containers tell of their environment, is
    looked through when it is named as a repository by its `path`. Only the secret's name and the place are told. Values under 8
    characters, and values that were packed or encoded, are not found. Where a secret could not be read, it is unknown unless
    another was found.
    """
    declared = [target for target in inventory.targets if isinstance(target, Secret)]
    if not declared:
        return Answer.judged(f"no secret is declared, of which {repository.name} could hold a copy")
    known, unread = _known(declared, connections)
    scan = scanned(files, _by_value(known))
    scan.unread.extend(unread)
    severity = {True: Severity.CRITICAL, False: Severity.HIGH}
    found = [
        replace(finding(leak, severity[leak.certain]), rule="secret_copied", title=_title(leak.path, leak.kind, leak.where))
        for leak in scan.leaks
    ]
    said = answer(scan, files, found)
    return replace(said, summary=f"{plural(len(declared), 'secret')} looked for; {said.summary}")


def _known(declared: list[Secret], connections: Connections) -> tuple[Mapping[str, tuple[str, bool]], list[str]]:
    """Texts with what they are of and whether they are current; and what could not be read."""
    known: dict[str, tuple[str, bool]] = {}
    unread = []
    for secret in declared:
        try:
            store = secret.store.open(connections)
            found = {stage: store.read(stage) for stage in (Stage.PREVIOUS, Stage.PENDING, Stage.CURRENT)}
        except UpkeepError as error:
            unread.append(f"secret {secret.name}: {error}")
            continue
        for stage, version in found.items():
            for text in secret_texts(version.value) if version else ():
                known[text] = (f"{stage.value} value of {secret.name}", stage is not Stage.PREVIOUS)
    return known, unread


def _by_value(known: Mapping[str, tuple[str, bool]]) -> Look:
    def look(_: str, text: str) -> Iterator[Spotted]:
        for value, (kind, current) in known.items():
            at = text.find(value)
            while at >= 0:
                yield Spotted(kind, text.count("\n", 0, at) + 1, current, value)
                at = text.find(value, at + len(value))

    return look


def _title(path: str, kind: str, where: tuple[str, ...]) -> str:
    return f"{path} has the {kind}, in {plural(len(where), 'place')}: {', '.join(where[:5])}"
