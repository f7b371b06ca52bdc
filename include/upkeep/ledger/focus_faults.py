"""What cannot be read in a FOCUS export, as SQL of DuckDB that says it: the file is refused, and no row is skipped."""

from collections.abc import Mapping

from upkeep.ledger.expressions import dated, seen
from upkeep.ledger.focus_header import Header
from upkeep.sources.duck import literal, quoted


def bad_rows(header: Header, amounts: Mapping[str, str]) -> str:
    """What is wrong with the amounts and tags of a group's rows, as text; null when nothing is."""
    texts = {what: sql for what, sql in amounts.items() if header.is_text(what)}
    faults = [_unread(header, what, sql, needed=what == "billed") for what, sql in texts.items()]
    if (tags := header.find("tags")) and header.is_text("tags"):
        column = quoted(tags[0])
        is_object = f"coalesce(case when json_valid({column}) then json_type({column}) in ('OBJECT', 'NULL') end, false)"
        faults.append(f"case when {column} <> '' and not {is_object} then {literal(tags[0] + ' is no JSON object')} end")
    counted = [_uncounted(header, what, sql) for what, sql in amounts.items() if what not in texts]
    by_row = f"min(coalesce({', '.join([*filter(None, faults), 'null'])}))" if any(faults) else "cast(null as varchar)"
    return f"coalesce({', '.join([*filter(None, counted), by_row])})"


def _uncounted(header: Header, what: str, sql: str) -> str:
    """What is wrong with amounts that are numbers in the file: counting those that are read costs less than looking at each."""
    column = header.find(what)
    if column is None:
        return ""
    name, rows = column[0], f"count({quoted(column[0])})"
    empty = f"when {rows} < count(*) then {literal(name + ' is empty')}" if what == "billed" else ""
    fault = f"then {literal(name + ' is no amount of up to 20 digits before the point')}"
    unread = f"when count({sql}) < {rows} {fault}" if sql != quoted(name) else ""
    return f"case {unread} {empty} end" if unread or empty else ""


def bad_group(header: Header, moments: Mapping[str, str]) -> str:
    """What is wrong with what rows are summed by."""
    faults = [_unread(header, what, dated(sql), needed=True) for what, sql in moments.items()]
    if currency := header.find("currency"):
        value = f"cast({quoted(currency[0])} as varchar)"
        faults.append(f"case when not regexp_full_match(coalesce({value}, ''), '[A-Z]{{3}}') then {seen(currency[0], value)} end")
    return f"coalesce({', '.join(f for f in faults if f)})"


def _unread(header: Header, what: str, sql: str, *, needed: bool) -> str:
    found = header.find(what)
    if found is None:
        return ""
    value = f"cast({quoted(found[0])} as varchar)"
    here = "true" if needed else f"coalesce(trim({value}), '') <> ''"
    return f"case when {sql} is null and {here} then {seen(found[0], value)} end"
