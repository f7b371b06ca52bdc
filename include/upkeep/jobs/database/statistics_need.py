"""Whether a table needs analyze, why, and how urgently: by its own settings, pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table; the fields are the columns of the question.

    `live` rows and `changed` ones are counted, of a table with `parts` in all of them; `analyzed_since` are rows of parts that
    were analyzed after the whole. `analyzed` is whether the server knows of any analyze, `unknown_rows` whether the planner knows
    not even how many rows there are.
    """

    oid: int
    schema_name: str
    table_name: str
    name: str
    partitioned: bool
    tuples: float
    live: float
    changed: float
    analyzed_since: float
    threshold: float
    analyzed: bool
    unknown_rows: bool
    missing_columns: int
    unseen_columns: int
    missing_extended: int
    parts: list[str]
    under_way: bool

    @property
    def rows(self) -> float:
        """Rows as counted, or as the catalog has them where nothing was counted."""
        return max(self.live, self.tuples)

    @property
    def may_have_rows(self) -> bool:
        """Whether it is not known to be empty: of one that was never looked at a crash leaves not even a count."""
        unknown = self.unknown_rows and bool(self.parts or not self.partitioned)
        return unknown or bool(self.rows or self.changes)

    @property
    def changes(self) -> float:
        """Rows that changed since its analyze, as far as is known."""
        return max(self.changed, self.analyzed_since)


@dataclass(frozen=True, slots=True)
class Need:
    """One table that needs it, and why with numbers. `never` is for one that the planner knows nothing of."""

    table: Table
    reasons: tuple[str, ...]
    never: bool

    @property
    def order(self) -> tuple[bool, bool, float, str]:
        """The most urgent first: what was never analyzed, then what changed most; wholes before their parts, then the largest."""
        t = self.table
        return not self.never, not t.parts, -(t.rows if self.never else t.changes / max(t.threshold, 1)), t.name


def need(t: Table, times: float) -> Need | None:
    """What it needs analyze for; None when for nothing, when it is known to be empty, or when an analyze is at it already."""
    if t.under_way or not t.may_have_rows:
        return None
    never, known = _never(t), _lacking(t)
    if never is None and t.changes > times * t.threshold:
        whose = "of its partitions" if t.parts else ""
        message = f"{t.changes:,.0f} rows {whose + ' ' if whose else ''}changed since its analyze"
        known.append(f"{message}, {t.changes / max(t.threshold, 1):.1f} times what starts autovacuum ({t.threshold:,.0f})")
    reasons = [*([never] if never else []), *known]
    return Need(t, tuple(reasons), never is not None) if reasons else None


def _never(t: Table) -> str | None:
    if t.analyzed:
        return None
    if t.partitioned and t.missing_columns:
        return f"never analyzed as a whole ({t.rows:,.0f} rows); autovacuum never does"
    if t.unknown_rows or t.missing_columns:
        return f"never analyzed ({t.rows:,.0f} rows)"
    # A restore, an upgrade or a crash: statistics may be there, and this login may not see them.
    return f"no analyze is known of, and {t.unseen_columns} columns cannot be looked at" if t.unseen_columns else None


def _lacking(t: Table) -> list[str]:
    found = []
    if t.missing_columns and t.analyzed:
        found.append(f"{t.missing_columns} columns or index expressions have no statistics")
    if t.missing_extended:
        found.append(f"{t.missing_extended} extended statistics were never computed")
    return found
