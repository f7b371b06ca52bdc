"""Plans as auto_explain logs them, in text, JSON, YAML or XML, without the constants in them."""

import json
import re
from collections.abc import Mapping
from html import escape, unescape
from itertools import islice
from typing import Any

from upkeep.formats.query_shape import without_constants
from upkeep.formats.sql_tokens import CUT, accepted

LONGEST_PLAN = 6000
MOST_ROOTS = 20
_NODE = re.compile(r"\(cost=|\(actual |\(never executed\)")
# The first node of a plan in text; its costs cannot be told from SQL by less.
_ROOT = re.compile(
    r"^(?:Query Parameters: |\S.*  \((?:cost=\d+\.\d\d\.\.\d+\.\d\d rows=\d+ width=\d+\)|actual (?:time|rows)=\d))", re.MULTILINE
)
_QUOTED = re.compile(r"""("(?:[^"]|"")*")|[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|['"].*\Z""", re.DOTALL)
# Lines of measurements; every other line may hold an expression, and so constants.
_MEASURED = re.compile(
    r"\s*(?:Buffers|Sort Method|Heap Fetches|Heap Blocks|Rows Removed by [\w ]+|Workers \w+|Worker \d+|Buckets|Batches|Hits"
    r"|Planning Time|Execution Time|I/O Timings|WAL|Index Searches|Peak Memory Usage|Full-sort Groups|Pre-sorted Groups)\b"
)
# Keys of structured plans whose texts are words of PostgreSQL or names of the schema; other texts are expressions.
_PLAIN_KEYS = {
    "Node Type", "Parent Relationship", "Relation Name", "Schema", "Alias", "Index Name", "Join Type", "Strategy", "Operation",
    "Scan Direction", "Sort Method", "Sort Space Type", "Partial Mode", "Subplan Name", "CTE Name", "Function Name", "Command",
}  # fmt: skip
# A program of file_fdw is a line of a shell, which may hold a password.
_SECRET_KEYS = {"Query Text", "Query Parameters", "Query Identifier", "Settings", "Foreign Program"}
_SECRET_LINE = re.compile(r"Query Parameters: |\s*Foreign Program: ")
_JSON, _CUT_ESCAPE = json.JSONDecoder(strict=False), re.compile(r"\\[^\\]?[\da-f]{0,3}\Z")
_TEXT, _JSON_KEY = "Query Text: ", re.compile(r'\{\s*"Query Text": (?=")')
_YAML_TEXT = re.compile(r'Query Text: (?=")')
_YAML_LINE = re.compile(r"(?P<indent>\s*(?:- )*)(?:(?P<key>[A-Za-z/() -]+): ?)?(?P<value>.*)")
_NO_TEXT = re.compile(r"-?\d[\d.]*|true|false|null|")
_XML_TEXT = re.compile(r"<explain\b[^>]*>\s*<Query-Text>([^<]*)</Query-Text>")
_XML_VALUE = re.compile(r"<([A-Za-z-]+)>([^<]+)</\1>|<[A-Za-z/][^<>]*>|\s+|.", re.DOTALL)


def query_of(plan: str) -> str | None:
    """The statement that a logged plan is of, also where the plan was cut behind it; None where it does not say."""
    plan = plan.lstrip()
    structured = _JSON_KEY.match(plan) or _yaml_text(plan)
    if structured:
        return _string(plan, structured.end())
    if plan.startswith("<"):
        found = _XML_TEXT.match(plan)
        return unescape(found[1]) if found else None
    return _parted(plan)[0] if plan.startswith(_TEXT) else None


def plan_without_constants(plan: str) -> str | None:
    """The plan for showing to people; None for one that is not understood, or was cut before its first node."""
    plan = plan.removesuffix(CUT).lstrip()
    if plan.startswith("{"):
        found = _json(plan)
        return json.dumps(_bare(found), ensure_ascii=False)[:LONGEST_PLAN] if found else None
    if plan.startswith("<"):
        return _xml(plan)
    if _yaml_text(plan):
        return _yaml(plan)
    return _plain(_parted(plan)[1]) if plan.startswith(_TEXT) else None


def _parted(plan: str) -> tuple[str, str]:
    """
    A plan in text as its statement and its nodes, which begin outside of every constant and comment of the statement.

    Where that depends on how backslashes are read there are no nodes: they might be the rest of a constant.
    """
    begin, likely = len(_TEXT), plan[len(_TEXT) :]
    for root in islice(_ROOT.finditer(plan, plan.find("\n") + 1 or len(plan)), MOST_ROOTS):
        text = plan[begin : root.start()].rstrip("\n")
        ways = accepted(text)
        if all(ways):
            return text, plan[root.start() :]
        likely = text if any(ways) and len(text) < len(likely) else likely
    return likely, ""


def _plain(nodes: str) -> str | None:
    hidden = _QUOTED.sub(lambda m: m[1] or "?", nodes)
    lines = [_line(line) for line in hidden.splitlines() if not _SECRET_LINE.match(line)]
    return "\n".join(lines)[:LONGEST_PLAN] or None


def _line(line: str) -> str:
    if _NODE.search(line) or _MEASURED.match(line):
        return line
    indent = line[: len(line) - len(line.lstrip())]
    return indent + without_constants(line)


def _string(text: str, at: int) -> str | None:
    """The JSON string that begins at a place; cut off, as far as it goes."""
    try:
        return str(_JSON.raw_decode(text, at)[0])
    except ValueError:
        pass
    try:
        return str(_JSON.raw_decode(_CUT_ESCAPE.sub("", text.removesuffix(CUT)) + '"', at)[0]) + CUT
    except ValueError:
        return None


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


def _yaml_text(plan: str) -> re.Match[str] | None:
    """Where the statement of a YAML plan begins. No statement begins with a quoted name, so that text is not taken for it."""
    return _YAML_TEXT.match(plan)


def _yaml(plan: str) -> str | None:
    begin = plan.find("\nPlan:")
    if begin < 0:
        return None
    lines, key = [], ""
    for line in plan[begin + 1 :].splitlines():
        found = _YAML_LINE.fullmatch(line)
        key = (found["key"] or key) if found else ""
        if found and key not in _SECRET_KEYS:
            lines.append(line[: found.start("value")] + _yaml_value(found["value"], key))
    return "\n".join(lines)[:LONGEST_PLAN]


def _yaml_value(value: str, key: str) -> str:
    if _NO_TEXT.fullmatch(value.strip()):
        return value
    text = _string(value, 0) if value.startswith('"') else None
    return "?" if text is None else json.dumps(_bare(text, key), ensure_ascii=False)


def _xml(plan: str) -> str | None:
    begin = plan.find("<Plan>")
    if begin < 0:
        return None

    def shown(found: re.Match[str]) -> str:
        tag, text = found.groups()
        if tag is None:
            return found[0] if found[0].isspace() or found[0].startswith("<") else "?"
        key, value = tag.replace("-", " "), unescape(text)
        bare = value if _NO_TEXT.fullmatch(value) else str(_bare(value, key))
        return "" if key in _SECRET_KEYS else f"<{tag}>{escape(bare, quote=False)}</{tag}>"

    return _XML_VALUE.sub(shown, plan[begin:])[:LONGEST_PLAN]
