"""The end of support of a product's release, as a finding; and the table of such days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path

import upkeep.formats
from upkeep.answer import Finding, Severity
from upkeep.formats.support_dates import SupportTable, support_table
from upkeep.sources.shipped_tables import table, unreadable
from upkeep.units import Unit

_SHIPPED = Path(str(upkeep.formats.__file__)).with_name("support_dates.yaml")


def support_days(support_file: str) -> SupportTable:
    """The shipped table, or the one of this file. Raises BrokenError when it cannot be read."""
    try:
        return support_table(table(_SHIPPED, support_file))
    except ValueError as error:
        raise unreadable(support_file or _SHIPPED, str(error)) from error


def ended(known: SupportTable, product: str, version: str, today: date, warn_days: float, where: str) -> Iterator[Finding]:
    """A finding when support of this version has ended, or will within `warn_days`; none for what the table does not have."""
    support = known.of(product, version)
    if support is None or support.ends is None or (support.ends - today).days > warn_days:
        return
    left = (support.ends - today).days
    when = f"has ended on {support.ends}" if left < 0 else f"ends on {support.ends}, in {left} days (limit {warn_days:g})"
    yield Finding(
        rule="end_of_life",
        object=f"{where}: {product} {support.release}",
        severity=Severity.HIGH if left < 0 else Severity.MEDIUM if left < warn_days / 2 else Severity.LOW,
        title=f"support of {product} {version} {when}: flaws found after that stay open",
        remedy=f"move to a release of {product} that is supported",
        value=left,
        limit=warn_days,
        unit=Unit.DAYS,
        due_by=datetime.combine(support.ends, time(), UTC),
    )


def unlisted(known: SupportTable, product: str, version: str) -> str | None:
    """Why nothing is said of the end of this version; None when the table has it."""
    if known.of(product, version):
        return None
    return f"{product} {version} does not stand in the table of support, which is of {known.as_of}"
