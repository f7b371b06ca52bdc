"""
How each type of PostgreSQL is kept in Parquet, and how a value that was read back is written as PostgreSQL writes it.

The bytes that COPY sends are what is compared: a mapping is right when the file, read by DuckDB, gives the same bytes again. What
is restored is compared once more, by the text that COPY writes.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from upkeep.archive.wire import FORMS
from upkeep.errors import CannotAskError

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_DIGITS = 38
_HEAD = 4  # typmod's own header
_INTERNAL = "Z"
_QUOTE = "'\"'"
_END = "\n"
# Neither program's shortest form is the other's; 17 digits both write alike.
_ASKED_DOUBLE = (
    "case when {0} in ('NaN', 'Infinity', '-Infinity') then {0}::pg_catalog.text "
    "else pg_catalog.ltrim(pg_catalog.to_char({0}, '9.9999999999999999EEEE')) end"
)
_DOUBLE = """case cast({0} as varchar)
    when 'nan' then 'NaN' when '-nan' then 'NaN' when 'inf' then 'Infinity' when '-inf' then '-Infinity'
    else printf('%.16e', {0})
end"""
_PLAIN = "cast({0} as varchar)"
# A binary COPY sends these as the text that they are; of these a cast writes what their own output does; of others format() does.
_SENT_AS_TEXT = frozenset({"text", "varchar", "bpchar", "name", "json"})
_CAST_AS_TEXT = frozenset({"numeric", "uuid", "jsonb"})
_WRITTEN = "case when {0} is distinct from null then pg_catalog.format('%s', {0}) end"
_IN_FILE = {
    "int16": "SMALLINT", "int32": "INTEGER", "int64": "BIGINT", "uint32": "UINTEGER", "bool": "BOOLEAN", "float": "FLOAT",
    "double": "DOUBLE", "date32[day]": "DATE", "time64[us]": "TIME", "timestamp[us]": "TIMESTAMP",
    "timestamp[us, tz=UTC]": "TIMESTAMP WITH TIME ZONE", "binary": "BLOB", "string": "VARCHAR",
}  # fmt: skip
_SHOWN = {
    "bool": "case {0} when true then 't' when false then 'f' end",
    "bytea": "'\\x' || lower(hex({0}))",
    "float8": _DOUBLE,
    "float4": _DOUBLE.replace("{0}", "cast({0} as double)"),
    "text": "replace({0}, '\"', '\"\"')",
}
_KINDS = {
    "int2": "int16", "int4": "int32", "int8": "int64", "oid": "uint32", "bool": "bool", "float4": "float", "float8": "double",
    "date": "date32[day]", "time": "time64[us]", "timestamp": "timestamp[us]", "timestamptz": "timestamp[us, tz=UTC]",
    "bytea": "binary",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """
    One column. `type` is PostgreSQL's name of its type, `base` that of what it is at bottom ("" for a type of an extension).

    `stored` is Arrow's name of what stands in the file.
    """

    name: str
    type: str
    base: str
    stored: str
    digits: int = 0
    scale: int = 0

    @property
    def sent(self) -> str:
        """The expression that a binary COPY asks for: the value itself or PostgreSQL's text of it; {0} is the quoted column."""
        if self.stored in FORMS or self.stored == "binary" or self.base in _SENT_AS_TEXT:
            return "{0}"
        return "{0}::pg_catalog.text" if self.base in _CAST_AS_TEXT else _WRITTEN

    @property
    def again(self) -> str:
        """The expression with which DuckDB gives what came in a binary COPY; {0} is the column."""
        form = FORMS.get(self.stored)
        return form.again if form else _PLAIN if self.stored == "decimal" else "{0}"

    @property
    def in_file(self) -> str:
        """DuckDB's name of its type in the file."""
        return f"DECIMAL({self.digits},{self.scale})" if self.stored == "decimal" else _IN_FILE[self.stored]

    @property
    def asked(self) -> str:
        """The expression that a COPY as text asks for, with {0} for the quoted column."""
        if self.stored in {"float", "double"}:
            return _ASKED_DOUBLE.replace("{0}", "{0}::pg_catalog.float8")
        return "{0}"

    @property
    def shown(self) -> str:
        """The expression with which DuckDB writes a value as COPY does, inside its quotes; {0} is the column."""
        kind = {"bool": "bool", "binary": "bytea", "double": "float8", "float": "float4", "string": "text"}.get(self.stored, "")
        return _SHOWN.get(kind, _PLAIN)

    @property
    def arrow(self) -> "pa.DataType":
        """Its type in the file."""
        import pyarrow as pa

        if self.stored == "decimal":
            return pa.decimal128(self.digits, self.scale)
        kinds = {"timestamp[us]": pa.timestamp("us"), "timestamp[us, tz=UTC]": pa.timestamp("us", tz="UTC"),
                 "time64[us]": pa.time64("us"), "date32[day]": pa.date32()}  # fmt: skip
        found = kinds.get(self.stored)
        return found if found is not None else pa.type_for_alias(self.stored)

    def to_json(self) -> dict[str, str | int]:
        """For the manifest."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Found:
    """A column as the catalog has it; the fields are those of columns.sql."""

    name: str
    type: str
    base: str
    typmod: int
    category: str


def mapped(found: Iterable[Found], as_text: Iterable[str] = ()) -> tuple[Column, ...]:
    """Every column with its mapping. Raises CannotAskError that names the columns which have none."""
    columns, wanted = list(found), set(as_text)
    if not columns:
        raise CannotAskError("the table has no columns")
    unknown = sorted(wanted - {column.name for column in columns})
    if unknown:
        raise CannotAskError(f"as_text names {', '.join(unknown)}, which the table does not have", "correct `as_text`")
    refused = [f"{c.name} ({c.type})" for c in columns if c.category == _INTERNAL and c.base != "char"]
    if refused:
        raise CannotAskError(
            f"what PostgreSQL writes of these columns it does not read again: {', '.join(refused)}", "leave such a table alone"
        )
    return tuple(_mapped(column, as_text=column.name in wanted) for column in columns)


def _mapped(column: Found, *, as_text: bool) -> Column:
    plain = Column(column.name, column.type, column.base, "string")
    if as_text:
        return plain
    if column.base == "numeric" and column.typmod >= _HEAD:
        digits, scale = (column.typmod - _HEAD) >> 16 & 0xFFFF, (column.typmod - _HEAD) & 0x7FF
        if digits <= _MOST_DIGITS and scale <= digits:  # a negative scale reads as more than 1,000
            return Column(column.name, column.type, column.base, "decimal", digits, scale)
    return Column(column.name, column.type, column.base, _KINDS.get(column.base, "string"))


def line(columns: Iterable[Column], names: Mapping[str, str], whole: Container[str] = ()) -> str:
    """
    The expression that gives one row as COPY's CSV line, every value quoted; `names` are the quoted columns that there are.

    Columns that are `whole` have no null. One call of concat: each || would copy all that stands before it, and DuckDB takes no
    more than 1,000 of them one in the other.
    """
    parts: list[tuple[bool, str]] = []
    for number, column in enumerate(columns):
        parts += [(True, "|")] if number else []
        parts += _in_line(column, names[column.name], whole) if column.name in names else []
    return f"concat({', '.join(_arguments([*parts, (True, _END)]))})"


def _in_line(column: Column, name: str, whole: Container[str]) -> list[tuple[bool, str]]:
    """Parts of a line, each with whether it is a text that stands there always."""
    shown = column.shown.format(name)
    if column.name in whole:
        return [(True, '"'), (False, shown), (True, '"')]
    return [(False, f"{_QUOTE} || {shown} || {_QUOTE}")]


def _arguments(parts: Iterable[tuple[bool, str]]) -> Iterator[str]:
    """Texts that follow one another are one argument."""
    for text, group in groupby(parts, itemgetter(0)):
        found = [part for _, part in group]
        yield from [f"'{''.join(found)}'"] if text else found


def quoted(name: str) -> str:
    """An identifier of DuckDB."""
    return '"' + name.replace('"', '""') + '"'
