"""How the report tables are joined, drawn: from the names of their columns, which mean the same wherever they stand. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_ANSWER = ("duty", "target", "window_start", "window_end")
_RUN = ("cadence", "window_start", "window_end")


@dataclass(frozen=True, slots=True)
class Join:
    """`many` has the columns `by`, which name a row of `one` by its columns `key`."""

    one: str
    many: str
    by: tuple[str, ...]
    key: tuple[str, ...]

    def __str__(self) -> str:
        if self.by == self.key:
            return ", ".join(self.by)
        return ", ".join(f"{key} = {by}" for by, key in zip(self.by, self.key, strict=True))


# The nearest one comes first: what hangs on an answer needs no line to its duty and target as well.
_RULES = (
    Join("answer", "", _ANSWER, _ANSWER),
    Join("run", "", _RUN, _RUN),
    Join("backup", "", ("backup_id",), ("id",)),
    Join("decision", "", ("decision",), ("key",)),
    Join("duty", "", ("duty",), ("name",)),
    Join("target", "", ("target",), ("name",)),
)
_IMPLIED = {"answer": {"duty", "target", "run"}, "backup": {"target"}, "decision": {"duty", "target"}}


def joins(tables: Mapping[str, Sequence[str]]) -> Iterator[Join]:
    """Every join of these tables, given with their columns."""
    for name, columns in tables.items():
        implied: set[str] = set()
        for rule in _RULES:
            if rule.one == name or rule.one in implied or rule.one not in tables or not set(rule.by) <= set(columns):
                continue
            implied |= _IMPLIED.get(rule.one, set())
            yield Join(rule.one, name, rule.by, rule.key)


def drawing(tables: Mapping[str, Sequence[str]]) -> str:
    """A Mermaid diagram of the joins, as a block of Markdown."""
    return "\n".join(["```mermaid", "erDiagram", *_lines(joins(tables)), "```"])


def _lines(found: Iterable[Join]) -> Iterator[str]:
    for join in found:
        yield f'    {join.one} ||--o{{ {join.many} : "{join}"'
