"""Whether what Upkeep itself runs on is still supported."""

from collections.abc import Iterator
from datetime import UTC, datetime

from upkeep.answer import Answer
from upkeep.checks.security.supported import ended, support_days, unlisted
from upkeep.duty import check
from upkeep.sources.runtimes import own_runtimes
from upkeep.targets.system import System
from upkeep.window import Cadence


@check(Cadence.MONTHLY, owner="platform")
def runtimes(system: System, *, warn_days: float = 365, support_file: str = "") -> Answer:
    """
    Python, Airflow or the system of a worker at the end of their support.

    What schedules all maintenance is itself maintained: it is told `warn_days` before mends of security flaws end. The days
    stand in a table that ships with Upkeep; `support_file` names a newer one. A release that the table does not have is unknown,
    never at its end. It leaves out Airflow's providers, which are dependencies, and other machines, which `patches` looks at.
    """
    known, today, found = support_days(support_file), datetime.now(UTC).date(), own_runtimes()
    findings = [f for product, version in found.items() for f in ended(known, product, version, today, warn_days, "worker")]
    unsaid = [text for product, version in found.items() if (text := unlisted(known, product, version))]
    if unsaid and not findings:
        return Answer.unknown("; ".join(unsaid), "give a newer table in the threshold support_file")
    return Answer.judged("; ".join([*_named(found), *unsaid]), findings=findings)


def _named(found: dict[str, str]) -> Iterator[str]:
    return (f"{product} {version}" for product, version in found.items())
