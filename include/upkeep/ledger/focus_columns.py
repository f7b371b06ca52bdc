"""
Which columns of a FOCUS export are what, in each of its versions, as SQL of DuckDB over one file.

Amounts stay decimal: a floating point number is read as the shortest text that means it. What cannot be read is not skipped: the
column `bad` says it, and the file is refused.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from upkeep.errors import BrokenError
from upkeep.ledger.measures import AMOUNTS, NAMES, sums
from upkeep.sources.duck import literal, quoted

# Names by which a column went in other versions of FOCUS and in previews of it, the present one first.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "billed": ("BilledCost",),
    "effective": ("EffectiveCost", "AmortizedCost"),
    "contracted": ("ContractedCost",),
    "list": ("ListCost",),
    "quantity": ("PricingQuantity",),
    "unit": ("PricingUnit",),
    "currency": ("BillingCurrency",),
    "begins": ("ChargePeriodStart",),
    "period": ("BillingPeriodStart",),
    "category": ("ChargeCategory", "ChargeType"),
    "class": ("ChargeClass",),
    "provider": ("ProviderName", "ServiceProviderName", "Provider", "InvoiceIssuerName"),
    "billing_account": ("BillingAccountId",),
    "sub_account": ("SubAccountId",),
    "sub_account_name": ("SubAccountName",),
    "service": ("ServiceName",),
    "region": ("RegionId", "Region", "RegionName"),
    "commitment": ("CommitmentDiscountId",),
    "commitment_status": ("CommitmentDiscountStatus",),
    "pricing": ("PricingCategory",),
    "tags": ("Tags",),
    "estimated": ("x_Estimated",),
}
REQUIRED = ("billed", "currency", "begins", "period", "category", "billing_account")
_EXACT = "decimal(38, 18)"
_FLOATS = {"DOUBLE", "FLOAT"}
_TAG = "tag {}"
# A month that begins at the midnight of another zone begins up to so much before that of UTC.
_FURTHEST = "interval 14 hours"
_TIMES = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC")


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file: name as it stands there and DuckDB's type, by name in lower case."""

    columns: tuple[tuple[str, str], ...]

    def find(self, what: str) -> tuple[str, str] | None:
        """The column that is this, or None."""
        here = {name.lower(): (name, kind) for name, kind in self.columns}
        return next((here[alias.lower()] for alias in ALIASES[what] if alias.lower() in here), None)


@dataclass(frozen=True, slots=True)
class FocusForm:
    """The form of FOCUS exports, of which these tags are kept."""

    tag_keys: tuple[str, ...]
    delimiter: str = ","

    def check(self, header: Header, file: str) -> None:
        """Raises BrokenError that names the columns which the file lacks and cannot do without."""
        if lacking := [ALIASES[what][0] for what in REQUIRED if header.find(what) is None]:
            shown = ", ".join(name for name, _ in header.columns[:8])
            remedy = "is this a FOCUS export? other files need source: csv with columns. Nothing was read"
            raise BrokenError(f"{file} has no column {', '.join(lacking)} (it has {shown}, …)", remedy, retry=False)

    def day(self, header: Header) -> str:
        """The day of a row."""
        return f"cast({_moment(header, 'begins')} as date)"

    def rows(self, header: Header, table: str) -> str:
        """Rows of the ledger, summed by the file's own columns, of which several may mean the same."""
        raw = f"select\n    {_raw(header, self.tag_keys)}\nfrom {table}\ngroup by all"
        return f"select\n    {_projection(header, self.tag_keys)}\nfrom (\n{raw}\n)"


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


def _raw(header: Header, tag_keys: Sequence[str]) -> str:
    """The file's own columns as they stand, moments cut to their day, and the first sums."""
    found = [column for what in ALIASES if what not in (*AMOUNTS, "begins", "tags") and (column := header.find(what))]
    kept = {name: quoted(name) for name, _ in found}
    if begins := header.find("begins"):
        kept[begins[0]] = quoted(begins[0]) if begins[1].upper() == "VARCHAR" else f"cast({_moment(header, 'begins')} as date)"
    tags = {_TAG.format(key): sql for key, sql in _tags(header, tag_keys).items()}
    amount, plain = {what: _amount(header, what) for what in AMOUNTS}, {what: _plain(header, what) for what in AMOUNTS}
    return select_list({**kept, **tags, **sums(amount, plain), "bad": _bad_rows(header, amount)})


def _projection(header: Header, tag_keys: Sequence[str]) -> str:
    """Of those, the columns of the ledger."""
    text = {what: _text(header, what) for what in ALIASES}
    begins, period = _moment(header, "begins"), _moment(header, "period")
    tags = tag_object({key: quoted(_TAG.format(key)) for key in _tags(header, tag_keys)})
    expressions = {
        "day": f"cast({begins} as date)",
        "billing_period": f"cast(date_trunc('month', {period} + {_FURTHEST}) as date)",
        "provider": f"coalesce({text['provider']}, 'unknown')",
        "billing_account": f"coalesce({text['billing_account']}, 'unknown')",
        "sub_account": f"coalesce({text['sub_account']}, {text['billing_account']}, 'unknown')",
        "service": f"coalesce({text['service']}, 'unassigned')",
        "region": text["region"],
        "category": f"coalesce({text['category']}, 'unknown')",
        "class": text["class"],
        "commitment": text["commitment"],
        "commitment_status": text["commitment_status"],
        "pricing": text["pricing"],
        "tags": tags,
        "unit": text["unit"],
        "currency": text["currency"],
        "sub_account_name": text["sub_account_name"],
        "provisional": f"coalesce(lower({text['estimated']}) = 'true', false)",
        "bad": f"coalesce(bad, {_bad_group(header, {'begins': begins, 'period': period})})",
        **{name: name for name in NAMES},
    }
    return select_list(expressions)


def _text(header: Header, what: str) -> str:
    found = header.find(what)
    if found is None:
        return "cast(null as varchar)"
    return f"nullif(replace(trim(cast({quoted(found[0])} as varchar)), chr(0), ''), '')"


def _amount(header: Header, what: str) -> str:
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


def _plain(header: Header, what: str) -> str:
    """An amount as the number that it is in the file, to be compared and not to be added."""
    found = header.find(what)
    return quoted(found[0]) if found and found[1].upper() in _FLOATS else _amount(header, what)


def _moment(header: Header, what: str) -> str:
    found = header.find(what)
    if found is None:
        return "cast(null as timestamp)"
    column = quoted(found[0])
    if found[1].upper() != "VARCHAR":
        return f"cast({column} as timestamp)"
    formats = ", ".join(map(literal, _TIMES))
    return f"coalesce(cast(try_cast({column} as timestamptz) as timestamp), try_strptime({column}, [{formats}]))"


def _tags(header: Header, tag_keys: Sequence[str]) -> dict[str, str]:
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


def _bad_rows(header: Header, amounts: Mapping[str, str]) -> str:
    """What is wrong with the amounts and tags of a group's rows, as text; null when nothing is."""
    texts = {what: sql for what, sql in amounts.items() if _is_text(header.find(what))}
    faults = [_unread(header, what, sql, needed=what == "billed") for what, sql in texts.items()]
    tags = header.find("tags")
    if tags and _is_text(tags):
        column = quoted(tags[0])
        is_object = f"coalesce(case when json_valid({column}) then json_type({column}) in ('OBJECT', 'NULL') end, false)"
        faults.append(f"case when {column} <> '' and not {is_object} then {literal(tags[0] + ' is no JSON object')} end")
    counted = [_uncounted(header, what, sql) for what, sql in amounts.items() if what not in texts]
    by_row = f"min(coalesce({', '.join([*filter(None, faults), 'null'])}))" if any(faults) else "cast(null as varchar)"
    return f"coalesce({', '.join([*filter(None, counted), by_row])})"


def _is_text(column: tuple[str, str] | None) -> bool:
    return column is not None and column[1].upper() == "VARCHAR"


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


def _bad_group(header: Header, moments: Mapping[str, str]) -> str:
    """What is wrong with what rows are summed by."""
    faults = [_unread(header, what, dated(sql), needed=True) for what, sql in moments.items()]
    if currency := header.find("currency"):
        value = f"cast({quoted(currency[0])} as varchar)"
        message = f"'{currency[0]} is ' || coalesce(cast(to_json({value}) as varchar), 'empty')"
        faults.append(f"case when not regexp_full_match(coalesce({value}, ''), '[A-Z]{{3}}') then {message} end")
    return f"coalesce({', '.join(f for f in faults if f)})"


def _unread(header: Header, what: str, sql: str, *, needed: bool) -> str:
    found = header.find(what)
    if found is None:
        return ""
    value = f"cast({quoted(found[0])} as varchar)"
    here = "true" if needed else f"coalesce(trim({value}), '') <> ''"
    message = f"{literal(found[0] + ' is ')} || coalesce(cast(to_json({value}) as varchar), 'empty')"
    return f"case when {sql} is null and {here} then {message} end"
