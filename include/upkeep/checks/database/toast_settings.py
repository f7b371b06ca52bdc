"""Large values that are stored in a way that fails or grows."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Severity
from upkeep.duty import check
from upkeep.humanize import plural, size
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

MB = 10**6
_RULES = {"plain": "storage_plain", "external": "storage_uncompressed", "never vacuumed": "toast_not_vacuumed"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of TOAST that was changed. `kind` is "plain", "external" or "never vacuumed"; `column_name` may be empty."""

    kind: str
    name: str
    column_name: str
    toast_bytes: int
    remedy: str

    @property
    def object(self) -> str:
        """`public.orders.note`, or the table."""
        return f"{self.name}.{self.column_name}" if self.column_name else self.name

    @property
    def effect(self) -> str:
        """What it does."""
        if self.kind == "plain":
            return "has storage plain: a row that is larger than a page (8 kB) with it is refused"
        if self.kind == "external":
            return f"is never compressed, and the table's large values take {size(self.toast_bytes)}"
        return f"has autovacuum off for its large values alone, which take {size(self.toast_bytes)}"


@check(Cadence.MONTHLY, owner="database")
def toast_settings(db: Database, pg: Postgres, *, uncompressed_mb: float = 1000, medium_mb: float = 100) -> Answer:
    """
    Settings of TOAST, where large values are kept, that make writes fail or storage grow.

    A text, JSON or bytea column of storage plain cannot leave its row, so that a row over 8 kB is refused: medium. Where
    autovacuum is off for the TOAST table alone, what is deleted from it stays: medium from `medium_mb`, else low. A column that
    is never compressed is low, from `uncompressed_mb` of TOAST on, since that is right for what is compressed already. Only what
    somebody changed is judged; a table whose autovacuum is off as a whole is asked by autovacuum.
    """
    every = pg.measure(__file__, Setting)
    found = [s for s in every if s.kind != "external" or s.toast_bytes >= uncompressed_mb * MB]
    return Answer.judged(
        f"{plural(len(found), 'setting')} of TOAST that make writes fail or storage grow "
        f"({len(every) - len(found)} more do not matter)",
        findings=[_finding(s, medium_mb * MB) for s in found],
    )


def _finding(s: Setting, medium: float) -> Finding:
    matters = s.kind == "plain" or (s.kind == "never vacuumed" and s.toast_bytes >= medium)
    later = "" if s.kind == "never vacuumed" else " -- for new values; older ones stay as they are until they are written again"
    return Finding(
        rule=_RULES[s.kind],
        object=s.object,
        severity=Severity.MEDIUM if matters else Severity.LOW,
        title=f"{s.object} {s.effect}",
        remedy=s.remedy + later,
        value=s.toast_bytes,
        unit=Unit.BYTES,
    )
