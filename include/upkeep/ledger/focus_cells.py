"""What stands in one row of a FOCUS export, as SQL of DuckDB, whichever type the file gives it."""

from collections.abc import Sequence

from upkeep.ledger.focus_header import Header
from upkeep.sources.duck import literal, quoted

_EXACT = "decimal(38, 18)"
_FLOATS = {"DOUBLE", "FLOAT"}
_TIMES = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC")


def text_of(header: Header, what: str) -> str:
    """A text, null where it is empty."""
    found = header.find(what)
    if found is None:
        return "cast(null as varchar)"
    return f"nullif(replace(trim(cast({quoted(found[0])} as varchar)), chr(0), ''), '')"


def amount_of(header: Header, what: str) -> str:
    """An amount, to be added; null where it is none."""
    found = header.find(what)
    if found is None:
        return f"cast(null as {_EXACT})"
    column, kind = quoted(found[0]), found[1].upper()
    if kind.startswith("DECIMAL") or kind.endswith("INT") or kind == "INTEGER":
        return column
    text = f"cast({column} as varchar)"
    spelled = text if kind in _FLOATS else f"trim({text})"
    # A file's least and greatest value leave NaN out: where they are equal, DuckDB counts NaN as a value, but not behind nullif.
    return f"try_cast(nullif({spelled}, '') as {_EXACT})"


def number_of(header: Header, what: str) -> str:
    """An amount as the number that it is in the file, to be compared and not to be added."""
    found = header.find(what)
    return quoted(found[0]) if found and found[1].upper() in _FLOATS else amount_of(header, what)


def moment_of(header: Header, what: str) -> str:
    """A moment in UTC; null where it is none."""
    found = header.find(what)
    if found is None:
        return "cast(null as timestamp)"
    column = quoted(found[0])
    if found[1].upper() != "VARCHAR":
        return f"cast({column} as timestamp)"
    formats = ", ".join(map(literal, _TIMES))
    return f"coalesce(cast(try_cast({column} as timestamptz) as timestamp), try_strptime({column}, [{formats}]))"


def tags_of(header: Header, tag_keys: Sequence[str]) -> dict[str, str]:
    """The declared tags of a row, as expressions by key, the keys in order; nothing where the file has no tags."""
    found = header.find("tags")
    return {key: _tag(quoted(found[0]), found[1].upper(), key) for key in sorted(tag_keys)} if found else {}


def _tag(column: str, kind: str, key: str) -> str:
    if kind.startswith("MAP"):
        # As column[key], in two thirds of the time.
        return f"nullif(cast(map_values({column})[list_position(map_keys({column}), {literal(key)})] as varchar), '')"
    if kind.startswith("STRUCT") and kind.endswith("[]"):
        # Google's entries have more than a key and a value, in any order, and a key may come from two places: the first counts.
        return f"nullif(cast([e.value for e in {column} if e.key = {literal(key)}][1] as varchar), '')"
    source = column if kind in {"VARCHAR", "JSON"} else f"to_json({column})"
    pointer = "/" + key.replace("~", "~0").replace("/", "~1")
    return f"case when json_valid({source}) then nullif(json_extract_string({source}, {literal(pointer)}), '') end"
