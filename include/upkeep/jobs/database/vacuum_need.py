"""Whether a table needs vacuum, why, and how urgently: by its own settings, pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """
    One table with its TOAST table; the fields are the columns of the question.

    `dead_limit` and `insert_limit` (None: never) are where autovacuum begins by the table's own settings, `freeze_age` and
    `multixact_freeze_age` where it freezes by force. `counted` is false where the server's counters know nothing of it.
    """

    oid: int
    schema_name: str
    table_name: str
    name: str
    system: bool
    enabled: bool
    tuples: float
    pages: float
    visible_pages: float
    dead: float
    dead_limit: float
    base: float
    scale: float
    inserted: float
    insert_limit: float | None
    insert_base: float
    insert_scale: float
    unfrozen: float
    toast_dead: float | None
    toast_dead_limit: float | None
    xid_age: float
    freeze_age: float
    multixact_age: float
    multixact_freeze_age: float
    indexes: int
    index_bytes: float
    counted: bool
    under_way: bool

    @property
    def age_share(self) -> float:
        """Its age against where autovacuum freezes by force; the worse of transactions and multixacts."""
        return max(self.xid_age / max(self.freeze_age, 1), self.multixact_age / max(self.multixact_freeze_age, 1))

    @property
    def urgent(self) -> bool:
        """Whether it is past that age: it comes before everything else."""
        return self.age_share >= 1

    @property
    def dead_share(self) -> float:
        """Dead rows against where autovacuum begins."""
        return self.dead / max(self.dead_limit, 1)

    @property
    def toast_share(self) -> float:
        """The same of its TOAST table."""
        return (self.toast_dead or 0) / max(self.toast_dead_limit or 0, 1)

    @property
    def insert_share(self) -> float:
        """Rows inserted since the last vacuum against where autovacuum begins for them; 0 where it never does."""
        return self.inserted / max(self.insert_limit, 1) if self.insert_limit is not None else 0.0

    @property
    def visible_share(self) -> float:
        """Which part of it is known to be visible to all; 1 for an empty table."""
        return min(1.0, self.visible_pages / self.pages) if self.pages else 1.0

    @property
    def predicted_rows(self) -> float:
        """Rows that a vacuum is expected to remove."""
        return self.dead + (self.toast_dead or 0)


@dataclass(frozen=True, slots=True)
class Rule:
    """From where on a table needs it, each a share of the table's own limit but `visible_share`, for `min_pages` or more."""

    times: float
    freeze_share: float
    visible_share: float
    min_pages: float


@dataclass(frozen=True, slots=True)
class Need:
    """One table that needs it: `kinds` say why in a word each, `reasons` with numbers."""

    table: Table
    kinds: tuple[str, ...]
    reasons: tuple[str, ...]

    @property
    def order(self) -> tuple[bool, float, str]:
        """The most urgent first: what is past its age, the oldest first, then what is most times over its limit."""
        t = self.table
        return not t.urgent, -(t.age_share if t.urgent else max(t.dead_share, t.toast_share, t.insert_share, t.age_share)), t.name


def need(t: Table, rule: Rule) -> Need | None:
    """What it needs vacuum for, None when for nothing, or when a vacuum is at it already. Catalogs only for their age."""
    if t.under_way:
        return None
    found = {**_by_age(t, rule), **({} if t.system else _by_rows(t, rule))}
    return Need(t, tuple(found), tuple(found.values())) if found else None


def _by_age(t: Table, rule: Rule) -> dict[str, str]:
    if t.age_share < rule.freeze_share:
        return {}
    ids = max(("transactions", t.xid_age, t.freeze_age), ("multixacts", t.multixact_age, t.multixact_freeze_age),
        key=lambda found: found[1] / max(found[2], 1))  # fmt: skip
    return {"freeze": f"{ids[1]:,.0f} {ids[0]} old, {t.age_share:.0%} of where it is frozen by force ({ids[2]:,.0f})"}


def _by_rows(t: Table, rule: Rule) -> dict[str, str]:
    found = {}
    if t.dead_share > rule.times:
        off = "" if t.enabled else "; autovacuum is off for it"
        found["dead"] = f"{t.dead:,.0f} dead rows, {t.dead_share:.1f} times what starts autovacuum ({t.dead_limit:,.0f}){off}"
    if t.toast_share > rule.times:
        found["toast"] = f"{t.toast_dead:,.0f} dead rows in TOAST, {t.toast_share:.1f} times what starts autovacuum"
    if t.insert_share > rule.times:
        found["inserts"] = f"{t.inserted:,.0f} rows inserted since the last vacuum (autovacuum begins at {t.insert_limit:,.0f})"
    if t.visible_share < rule.visible_share and t.pages >= rule.min_pages:
        found["visibility"] = f"{t.visible_share:.0%} of {t.pages:,.0f} pages are known to be visible to all"
    if not t.counted and not found:
        found["uncounted"] = "the server's counters know nothing of it, as after a crash"
    return found
