"""Opportunities that stand in the report database."""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from upkeep.errors import UpkeepError
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.suggestions import nearest

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Offered:
    """What a measure takes from an opportunity; `sub_account` and `region` are None where the ledger does not tell them apart."""

    rule: str
    resource: str
    name: str
    expected: Decimal
    currency: str
    sub_account: str | None
    region: str | None


def opportunity_of(connection: "psycopg.Connection[Any]", account: str, key: str) -> Offered:
    """The opportunity as it was last seen. Raises UpkeepError with the nearest key, and BrokenError."""
    from psycopg.rows import class_row

    with translate_errors():
        with connection.cursor(row_factory=class_row(Offered)) as cursor:
            found = cursor.execute(sql("opportunity"), {"account": account, "key": key}).fetchone()
        if found is None:
            known = [row[0] for row in connection.execute(sql("opportunity_keys"), {"account": account})]
            raise UpkeepError(f'{account} has no opportunity "{key}"{nearest(key, known)}: keys are RULE/REGION/RESOURCE')
    return found
