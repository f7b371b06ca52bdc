"""SQL of DuckDB that the forms of files share."""

import json
from collections.abc import Mapping

from upkeep.sources.duck import literal, quoted


def dated(moment: str) -> str:
    """A day or moment, where it is one of this century: others are slips that would be kept for ever."""
    return f"case when year({moment}) between 2000 and 2099 then {moment} end"


def select_list(expressions: Mapping[str, str]) -> str:
    """Expressions with their names."""
    return ",\n    ".join(f"{sql} as {quoted(name)}" for name, sql in expressions.items())


def tag_object(values: Mapping[str, str]) -> str:
    """A JSON object of the tags that a row has, its keys in order; the values are expressions that give null for none."""
    if not values:
        return "'{}'"
    pairs = ", ".join(
        f"case when {value} is not null then {label} || cast(to_json({value}) as varchar) end"
        for key, value in sorted(values.items())
        if (label := literal(json.dumps(key, ensure_ascii=False) + ": "))
    )
    return f"'{{' || concat_ws(', ', {pairs}) || '}}'"


def seen(column: str, value: str) -> str:
    """What a column has where it cannot be right, as text: `Cost is "twelve"`, or `Cost is empty`."""
    return f"{literal(column + ' is ')} || coalesce(cast(to_json({value}) as varchar), 'empty')"
