"""Which version of which row was copied: its place (ctid) and who wrote it (xmin), in the order of the file."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Part:
    """Some of them. `places` and `writers` are texts such as (0,1) and 754."""

    places: "pa.Array"
    writers: "pa.Array"

    def __len__(self) -> int:
        return len(self.places)

    @property
    def place_list(self) -> str:
        """The places as PostgreSQL writes tid[]."""
        return '{"' + _joined(self.places, '","') + '"}'

    @property
    def writer_list(self) -> str:
        """Who wrote each, as PostgreSQL writes xid[]."""
        return "{" + _joined(self.writers, ",") + "}"

    @property
    def writers_by_place(self) -> str:
        """Who wrote each, in the order of the table's places: as a scan finds them."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        halves = pc.list_flatten(pc.split_pattern(pc.utf8_trim(self.places, "()"), ",")).cast(pa.int64())
        page, line = halves.to_numpy(zero_copy_only=False).reshape(-1, 2).T
        order = pa.array(np.argsort(page << 16 | line, kind="stable"))
        return "{" + _joined(self.writers.take(order), ",") + "}"


@dataclass(slots=True)
class Versions:
    """All of a batch, as they came."""

    _places: "list[pa.Array]" = field(default_factory=list)
    _writers: "list[pa.Array]" = field(default_factory=list)
    _rows: int = 0

    def add(self, places: "pa.ChunkedArray", writers: "pa.ChunkedArray") -> None:
        """More rows."""
        self._places += places.chunks
        self._writers += writers.chunks
        self._rows += len(places)

    def __len__(self) -> int:
        return self._rows

    def part(self, first: int, rows: int) -> Part:
        """At most so many from the place `first` of the file on."""
        return Part(_slice(self._places, first, rows), _slice(self._writers, first, rows))

    @property
    def last_place(self) -> str:
        """Where the last row stands."""
        return str(self._places[-1][-1].as_py())


def _joined(texts: "pa.Array", between: str) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    one = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return str(pc.binary_join(one, between)[0].as_py())


def _slice(arrays: "list[pa.Array]", first: int, rows: int) -> "pa.Array":
    import pyarrow as pa

    taken = pa.chunked_array(arrays, pa.string()).slice(first, rows)
    return pa.concat_arrays(taken.chunks) if taken.num_chunks else pa.array([], pa.string())
