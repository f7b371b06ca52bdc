"""
What some rows hold, as a digest that does not depend on how they were cut into pieces, nor on who read them.

Of each column three streams are hashed (XXH3, 128 bits): which rows have a value, how long each is where lengths differ, and the
values' bytes as PostgreSQL sends them, in the order of the rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.archive.columns import Column
from upkeep.archive.copy_stream import text_of
from upkeep.archive.wire import FLOATS, FORMS, one_nan

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Values:
    """One column of some rows. `data` is zero where a row has none; `sizes` are bytes, None where all have the same."""

    present: "NDArray[np.bool_]"
    data: Any
    sizes: "NDArray[np.int64] | None" = None


class ContentDigest:
    """Takes rows in their order, any number at a time."""

    def __init__(self, columns: int) -> None:
        import xxhash

        self._streams = [(xxhash.xxh3_128(), xxhash.xxh3_128(), xxhash.xxh3_128()) for _ in range(columns)]
        self.rows = 0

    def add(self, every: Sequence[Values]) -> None:
        """More rows: all columns of them."""
        for (present, sizes, data), values in zip(self._streams, every, strict=True):
            present.update(values.present.data.cast("B"))
            data.update(values.data)
            if values.sizes is not None:
                sizes.update(values.sizes.data.cast("B"))
        self.rows += len(every[0].present) if every else 0

    def hexdigest(self) -> str:
        """Of all rows until now, hexadecimal."""
        import xxhash

        whole = xxhash.xxh3_128()
        for stream in (stream for streams in self._streams for stream in streams):
            whole.update(stream.digest())
        return str(whole.hexdigest())


def values_of(arrays: "Iterable[pa.Array]", columns: Iterable[Column]) -> list[Values]:
    """What DuckDB gives of a file by each column's `again`, as PostgreSQL sends it."""
    return [_values(array, column) for array, column in zip(arrays, columns, strict=True)]


def _values(array: "pa.Array", column: Column) -> Values:
    import pyarrow as pa
    import pyarrow.compute as pc

    present = array.is_valid().to_numpy(zero_copy_only=False)
    form = FORMS.get(column.stored)
    if form is None:
        texts = array.cast(pa.large_binary())
        texts = texts.fill_null(b"") if texts.null_count else texts
        return Values(present, text_of(texts), pc.binary_length(texts).to_numpy(zero_copy_only=False).astype("=i8"))
    numbers = (array.fill_null(0) if array.null_count else array).to_numpy(zero_copy_only=False)
    if column.stored in FLOATS:
        numbers = one_nan(column.stored, numbers.view(form.native))
    return Values(present, numbers.astype(form.code).view("u1"))
