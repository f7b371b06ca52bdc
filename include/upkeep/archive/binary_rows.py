"""
Rows of a binary COPY taken apart, a column at a time: no value is ever an object of Python.

Each row begins with the place and the version of the row (ctid and xmin); what follows them is its content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.archive.binary_walk import Field, Walk
from upkeep.archive.columns import Column
from upkeep.archive.content_digest import Values
from upkeep.archive.copy_stream import Piece, text_of
from upkeep.archive.wire import FLOATS, FORMS, Form, one_nan
from upkeep.errors import CannotAskError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_AS_TEXT = "name the column in `as_text` of this table: it is then kept as PostgreSQL's own text"
_PLACE, _WRITER = "V6", ">u4"


@dataclass(frozen=True, slots=True)
class Rows:
    """Pages, lines and writers of some rows; their content for a file, and for the digest."""

    pages: "NDArray[np.uint32]"
    lines: "NDArray[np.uint16]"
    writers: "NDArray[np.uint32]"
    table: "pa.Table"
    values: list[Values]


def taken_apart(piece: Piece, columns: Sequence[Column]) -> Rows:
    """Every row of a piece. Raises CannotAskError that names the column whose value a file cannot hold, and BrokenError."""
    import pyarrow as pa

    codes = [FORMS[column.stored].code if column.stored in FORMS else None for column in columns]
    places, writers, *fields = Walk(piece).fields([_PLACE, _WRITER, *codes])
    found = [_column(field, column) for field, column in zip(fields, columns, strict=True)]
    table = pa.Table.from_arrays([array for array, _ in found], names=[column.name for column in columns])
    pages, lines = _places(places.numbers)
    return Rows(pages, lines, _native(writers.numbers, "=u4"), table, [values for _, values in found])


def _places(came: Any) -> "tuple[NDArray[np.uint32], NDArray[np.uint16]]":
    """Of each tid the page and the line in it."""
    import numpy as np

    parts = came.view(np.dtype([("page", ">u4"), ("line", ">u2")]))
    return parts["page"].astype("=u4"), parts["line"].astype("=u2")


def _native(came: Any, code: str) -> Any:
    return came.astype(code)


def _column(field: Field, column: Column) -> "tuple[pa.Array, Values]":
    form = FORMS.get(column.stored)
    if form is None:
        return _text(field.texts, column), Values(field.present, text_of(field.texts), field.sizes)
    values, came = _native(field.numbers, form.native), field.numbers
    array = _number(values, field.present, form, column)
    came = one_nan(column.stored, values).astype(form.code) if column.stored in FLOATS else came
    return array, Values(field.present, came.view("u1"))  # type: ignore[union-attr] # a column of numbers


def _number(values: "NDArray[Any]", there: "NDArray[np.bool_]", form: Form, column: Column) -> "pa.Array":
    import pyarrow as pa

    beyond = form.beyond(values) & there if form.first is not None else None
    if beyond is not None and beyond.any():
        raise _cannot_hold(column, form.text_of(int(values[beyond][0])))
    mask = None if there.all() else ~there
    if column.stored == "bool":
        return pa.array(values.astype(bool), mask=mask)
    return pa.array(values + form.shift if form.shift else values, mask=mask).view(column.arrow)


def _text(array: "pa.Array", column: Column) -> "pa.Array":
    import pyarrow as pa

    if column.stored == "binary":
        return array
    try:
        texts = array.cast(pa.large_string())
        return texts.cast(column.arrow) if column.stored == "decimal" else texts
    except pa.ArrowInvalid as error:
        raise _cannot_hold(column, _value_in(str(error))) from error


def _value_in(message: str) -> str:
    import re

    value = re.search(r"'([^']{0,60})'", message)
    return value[1] if value else message


def _cannot_hold(column: Column, value: str) -> CannotAskError:
    """In the table's own words."""
    return CannotAskError(f"Parquet cannot hold of column {column.name} ({column.type}) the value {value}", _AS_TEXT)
