"""SQL of DuckDB that takes lines of an access log apart: by the texts between values, never by one expression over all of it."""

from collections.abc import Collection, Iterator, Sequence

from upkeep.formats.access_log import Columns, Delimited, JsonLines, Lines, Piece, Role, Value
from upkeep.sources.access_log_values import request_columns, seconds_of, status_of, time_of
from upkeep.sources.duck import literal

_SLASHES, _ESCAPED = "\\\\", '\\"'
Texts = dict[Role, list[tuple[Value, str]]]
"""For each role its values and the columns that their texts are in."""


def parsed(lines: Lines, relation: str, wanted: Collection[Role], header: Sequence[str] = ()) -> str:
    """
    A query over a relation with a column `line`.

    It gives all columns of the relation, and moment, status, seconds and those of `wanted` (method, path, host, agent). `moment`
    is null in a line that does not fit. `header` names the columns of `Columns`.
    """
    roles: set[Role] = {"time", "status", "seconds", *wanted}
    if {"method", "path"} & roles and lines.values("request"):
        roles.add("request")
    query, texts = _texts(lines, relation, roles, header)
    columns = [*_judged(texts), *_others(texts, wanted)]
    return f"select * exclude (taken), {', '.join(columns)} from ({query})"  # noqa: S608 - texts are quoted


def _judged(texts: Texts) -> Iterator[str]:
    times = _first(time_of(value, column) for value, column in texts["time"])
    statuses = _first(status_of(column) for _, column in texts["status"])
    yield f"case when taken is not null and {statuses} is not null then {times} end as moment"
    yield f"{statuses} as status"
    yield f"{_first(seconds_of(value, column) for value, column in texts.get('seconds', []))} as seconds"


def _others(texts: Texts, wanted: Collection[Role]) -> Iterator[str]:
    plain = {role: _first(f"nullif({column}, '')" for _, column in texts.get(role, [])) for role in ("method", "path")}
    request = next((column for _, column in texts.get("request", [])), None)
    if {"method", "path"} & set(wanted):
        method, path = request_columns(request) if request else ("null", "null")
        yield f"coalesce({plain['method']}, {method}) as method"
        yield f"coalesce({plain['path']}, {path}) as path"
    for role in ("host", "agent"):
        if role in wanted:
            yield f"{_first(column for _, column in texts.get(role, []))} as {role}"


def _first(expressions: Iterator[str]) -> str:
    return f"coalesce({', '.join([*expressions, 'null'])})"


def _texts(lines: Lines, relation: str, roles: Collection[Role], header: Sequence[str]) -> tuple[str, Texts]:
    match lines:
        case JsonLines():
            return _json(lines, relation, roles)
        case Columns():
            return _columns(lines, relation, roles, header)
        case Delimited():
            return _delimited(lines, relation, roles)


def _json(lines: JsonLines, relation: str, roles: Collection[Role]) -> tuple[str, Texts]:
    values = [(role, value) for role in roles for value in lines.values(role)]
    paths = ", ".join(literal(value.name) for _, value in values)
    texts: Texts = {}
    for place, (role, value) in enumerate(values, 1):
        texts.setdefault(role, []).append((value, f"taken[{place}]"))
    texts.setdefault("time", [])
    # As nginx writes it where escape=json was forgotten.
    taken = (f"try(json_extract_string({line}, [{paths}]))" for line in ("line", r"replace(line, '\x', '\u00')"))
    return f"select *, coalesce({', '.join(taken)}) as taken from {relation}", texts  # noqa: S608 - quoted


def _columns(lines: Columns, relation: str, roles: Collection[Role], header: Sequence[str]) -> tuple[str, Texts]:
    column = {name: f"taken[{place}]" for place, name in enumerate(header, 1)}
    texts: Texts = {"time": [], "status": []}
    for name, value in lines.names.items():
        if value.role is not None and value.role in roles and name in column:
            texts.setdefault(value.role, []).append((value, _column(value, column)))
    split = f"case when len(string_split(line, chr(9))) = {len(header)} then string_split(line, chr(9)) end"
    return f"select *, {split} as taken from {relation}", texts  # noqa: S608 - numbers only


def _column(value: Value, column: dict[str, str]) -> str:
    text = column[value.name]
    if value.role == "time":
        return f"({text} || 'T' || {column.get('time', 'null')} || 'Z')"
    query = column.get("cs-uri-query")
    return f"({text} || coalesce('?' || nullif({query}, '-'), ''))" if value.role == "path" and query else text


def _delimited(lines: Delimited, relation: str, roles: Collection[Role]) -> tuple[str, Texts]:
    parts = _parts(lines.pieces)
    compared = ">=" if lines.open_end else "="
    # Where the format has no quotation marks, those of a line are signs as any.
    split = f"string_split({_unquoted(lines)}, '\"')" if len(parts) > 1 else f"[{_unquoted(lines)}]"
    query = f"select *, {split} as split from {relation}"  # noqa: S608 - a relation of ours
    query = f"select * exclude (split), case when len(split) {compared} {len(parts)} then split end as taken from ({query})"  # noqa: S608
    texts: Texts = {}
    for place, pieces in enumerate(parts, 1):
        open_end = lines.open_end and place == len(parts)
        query = _walked(query, place, pieces, roles, texts, open_end=open_end)
    return query, texts


def _unquoted(lines: Delimited) -> str:
    """Quotation marks that were escaped are none; several times of upstreams are one text."""
    line = "line"
    if any(value.how == "sum" for value in lines.values("seconds")):
        line = "replace(replace(line, ', ', ','), ' : ', ',')"
    bare = f"replace(replace({line}, {literal(_SLASHES)}, chr(2)), {literal(_ESCAPED)}, chr(3))"
    return f"case when contains(line, {literal(_SLASHES[0])}) then {bare} else {line} end"


def _parts(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces between quotation marks."""
    parts: list[list[Piece]] = [[]]
    for piece in pieces:
        if isinstance(piece, Value):
            parts[-1].append(piece)
            continue
        first, *others = piece.split('"')
        parts[-1] += [first] if first else []
        parts += [[other] if other else [] for other in others]
    return parts


def _walked(query: str, place: int, pieces: Sequence[Piece], roles: Collection[Role], texts: Texts, *, open_end: bool) -> str:
    """One part taken apart from its start; where a text is missing, `taken` becomes null."""
    rest, query = "rest", f"select *, taken[{place}] as rest from ({query})"  # noqa: S608 - numbers only
    for number, piece in enumerate(pieces):
        last = number == len(pieces) - 1
        if isinstance(piece, str):
            if number == 0:
                query = _skip(query, piece, whole=last and not open_end)
            continue
        column = f"value_{place}_{number}"
        asked = piece.role is not None and piece.role in roles
        if piece.role is not None and asked:
            texts.setdefault(piece.role, []).append((piece, column))
        after = pieces[number + 1] if not last else ""
        ends = number + 2 >= len(pieces) and not open_end
        query = _value(query, column if asked else None, str(after), ends=ends, spaces=_spaces(piece))
    return f"select * exclude (taken, {rest}), case when {rest} is not null then taken end as taken from ({query})"  # noqa: S608


def _skip(query: str, text: str, *, whole: bool) -> str:
    fits = f"rest = {literal(text)}" if whole else f"starts_with(rest, {literal(text)})"
    return f"select * exclude (rest), case when {fits} then substr(rest, {len(text) + 1}) end as rest from ({query})"  # noqa: S608


def _spaces(value: Value) -> int:
    """Those inside of a time, before its offset."""
    return 0 if value.role != "time" else 1 if value.how == "clf" else value.how.count(" ")


def _value(query: str, column: str | None, after: str, *, ends: bool, spaces: int) -> str:
    """A value up to the text after it; the last one of a part up to the part's end."""
    if not after:
        value, rest = "rest", "case when rest is not null then '' end"
    elif ends:
        value = f"case when ends_with(rest, {literal(after)}) then substr(rest, 1, length(rest) - {len(after)}) end"
        rest = f"case when ends_with(rest, {literal(after)}) then '' end"
    else:
        at = _position(after, spaces if after.startswith(" ") else 0)
        value, rest = f"substr(rest, 1, {at} - 1)", f"substr(rest, {at} + {len(after)})"
    kept = f", {value} as {column}" if column else ""
    return f"select * exclude (rest){kept}, {rest} as rest from ({query})"  # noqa: S608 - quoted


def _position(text: str, spaces: int) -> str:
    """Where a text begins in the rest, behind so many spaces; null where it does not."""
    before = "0"
    for wanted in [*[" "] * spaces, text]:
        before = f"({before} + nullif(strpos(substr(rest, {before} + 1), {literal(wanted)}), 0))"
    return before
