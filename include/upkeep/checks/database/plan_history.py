"""Plans of slow statements as the daily runs kept them, and which of them changed for the worse."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from upkeep.sources.rows import Rows

_JSON = re.compile(r'"(Node Type|Relation Name|Index Name)": "((?:[^"\\]|\\.)*)"')
_TEXT = re.compile(r"^\s*(?:->\s+)?(\S.*?)\s+\(cost=", re.MULTILINE)
_SCAN = "Seq Scan on "


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan as it was kept; the fields are the columns of the question."""

    at: datetime
    shape: str
    text: str
    plan: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A statement that now reads these relations whole, and before did by an index."""

    shape: str
    text: str
    relations: tuple[str, ...]


def newest_plans(rows: Rows, target: str, start: datetime, end: datetime) -> dict[str, Kept]:
    """The newest plan of each shape in a span."""
    return {kept.shape: kept for kept in rows(__file__, Kept, {"target": target, "start": start, "end": end})}


def skeleton(plan: str) -> list[str]:
    """How the plan reads its relations: "Seq Scan on orders", "Index Scan using orders_pkey on orders"; no costs, no counts."""
    if plan.lstrip().startswith("{"):
        return list(_json_nodes(plan))
    return [re.sub(r"^Parallel ", "", node) for node in _TEXT.findall(plan) if "Scan" in node]


def worse(before: Mapping[str, Iterable[str]], now: Mapping[str, Kept]) -> list[Changed]:
    """Statements whose newest plan reads a relation whole that the plan remembered read by an index."""
    found = []
    for shape, kept in sorted(now.items()):
        old, new = set(before.get(shape, ())), skeleton(kept.plan)
        whole = {_relation(node) for node in new if node.startswith(_SCAN)}
        by_index = {_relation(node) for node in old if "Index" in node or "Bitmap Heap" in node}
        indexed = by_index - {_relation(node) for node in old if node.startswith(_SCAN)}
        if worse_ones := tuple(sorted(whole & indexed)):
            found.append(Changed(shape, kept.text, worse_ones))
    return found


def _relation(node: str) -> str:
    """The relation of a scan, without its alias."""
    return node.rpartition(" on ")[2].split(" ")[0]


def _json_nodes(plan: str) -> Iterable[str]:
    node: dict[str, str] = {}
    for key, value in [*_JSON.findall(plan), ("Node Type", "")]:
        if key == "Node Type":
            if "Relation Name" in node:
                index = f" using {node['Index Name']}" if "Index Name" in node else ""
                yield f"{node['Node Type']}{index} on {node['Relation Name']}"
            node = {}
        node[key] = value
