"""Plans as auto_explain logs them, in text or JSON, without the constants in them."""

import json
import re
from collections.abc import Mapping
from typing import Any

from upkeep.formats.query_shape import without_constants

LONGEST_PLAN = 6000
_NODE = re.compile(r"\(cost=|\(actual |\(never executed\)")
_ROOT = re.compile(r"^(?:Query Parameters: |\S.*  \((?:cost=|actual ))", re.MULTILINE)
_QUOTED = re.compile(r"""("(?:[^"]|"")*")|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|['"].*\Z""", re.DOTALL)
# Lines of measurements; every other line may hold an expression, and so constants.
_MEASURED = re.compile(
    r"\s*(?:Buffers|Sort Method|Heap Fetches|Heap Blocks|Rows Removed by [\w ]+|Workers \w+|Worker \d+|Buckets|Batches|Hits"
    r"|Planning Time|Execution Time|I/O Timings|WAL|Index Searches|Peak Memory Usage|Full-sort Groups|Pre-sorted Groups)\b"
)
# Keys of JSON plans whose texts are words of PostgreSQL or names of the schema; other texts are expressions.
_PLAIN_KEYS = {
    "Node Type", "Parent Relationship", "Relation Name", "Schema", "Alias", "Index Name", "Join Type", "Strategy", "Operation",
    "Scan Direction", "Sort Method", "Sort Space Type", "Partial Mode", "Subplan Name", "CTE Name", "Function Name", "Command",
}  # fmt: skip
_SECRET_KEYS = {"Query Text", "Query Parameters", "Query Identifier", "Settings"}


def query_of(plan: str) -> str | None:
    """The statement that a logged plan is of, or None where it does not say."""
    if plan.lstrip().startswith("{"):
        found = _json(plan)
        return str(found["Query Text"]) if found and "Query Text" in found else None
    if not plan.startswith("Query Text: "):
        return None
    root = _ROOT.search(plan, plan.find("\n") + 1 or len(plan))
    return plan[len("Query Text: ") : root.start() if root else None].rstrip("\n")


def plan_without_constants(plan: str) -> str | None:
    """The plan for showing to people; None for XML and YAML, and for a plan that was cut before its first node."""
    if plan.lstrip().startswith("{"):
        found = _json(plan)
        return json.dumps(_bare(found), ensure_ascii=False)[:LONGEST_PLAN] if found else None
    if not plan.startswith("Query Text: "):
        return None
    root = _ROOT.search(plan, plan.find("\n") + 1 or len(plan))
    if root is None:
        return None
    hidden = _QUOTED.sub(lambda m: m[1] or "?", plan[root.start() :])
    lines = [_line(line) for line in hidden.splitlines() if not line.startswith("Query Parameters: ")]
    return "\n".join(lines)[:LONGEST_PLAN] or None


def _line(line: str) -> str:
    if _NODE.search(line) or _MEASURED.match(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return indent + without_constants(line)


def _json(plan: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(plan)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _bare(node: Any, key: str = "") -> Any:
    if isinstance(node, Mapping):
        return {k: _bare(v, k) for k, v in node.items() if k not in _SECRET_KEYS}
    if isinstance(node, list):
        return [_bare(item, key) for item in node]
    return without_constants(node) if isinstance(node, str) and key not in _PLAIN_KEYS else node
