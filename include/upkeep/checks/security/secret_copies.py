"""Copies of the inventory's own secrets in a repository, found by their values."""

from dataclasses import replace

from upkeep.answer import Answer, Severity
from upkeep.checks.security.leak_answer import answer, finding
from upkeep.checks.security.leak_known import by_value, known_values
from upkeep.checks.security.leak_scan import scanned
from upkeep.config.inventory import Inventory
from upkeep.duty import check
from upkeep.humanize import plural
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
    documentation too, and forgotten. They are found as they are, escaped as in JSON, in addresses and HTML, and in base64 on one
    line. Logs that pipelines left, and what containers tell of their environment, are looked through by `left_secrets`. Only the
    secret's name and the place are told. Values under 8 characters, and values that were packed or encrypted, are not found.
    Where a secret could not be read, it is unknown unless another was found.
    """
    declared = [target for target in inventory.targets if isinstance(target, Secret)]
    if not declared:
        return Answer.judged(f"no secret is declared, of which {repository.name} could hold a copy")
    known, unread = known_values(declared, connections)
    scan = scanned(files, by_value(known))
    scan.unread.extend(unread)
    severity = {True: Severity.CRITICAL, False: Severity.HIGH}
    found = [
        replace(finding(leak, severity[leak.certain]), rule="secret_copied", title=_title(leak.path, leak.kind, leak.where))
        for leak in scan.leaks
    ]
    said = answer(scan, files, found)
    return replace(said, summary=f"{plural(len(declared), 'secret')} looked for; {said.summary}")


def _title(path: str, kind: str, where: tuple[str, ...]) -> str:
    return f"{path} has the {kind}, in {plural(len(where), 'place')}: {', '.join(where[:5])}"
