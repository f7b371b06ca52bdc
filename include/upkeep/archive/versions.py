"""Which version of which row was copied: its place (ctid), who wrote it (xmin) and its date, in the order of the file."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

_FIRST_USUAL = 3  # those before it are PostgreSQL's own, and older than any other
_LOOSE, _SOME = 2, 8


@dataclass(frozen=True, slots=True)
class Part:
    """
    Some of them. `dates` are those of the first and the last, in the form of the file.

    Every transaction before `horizon` had ended when they were copied.
    """

    pages: "NDArray[np.uint32]"
    lines: "NDArray[np.uint16]"
    writers: "NDArray[np.uint32]"
    dates: tuple[Any, Any]
    horizon: int

    def __len__(self) -> int:
        return len(self.pages)

    @property
    def place_list(self) -> str:
        """The places as PostgreSQL writes tid[]."""
        import pyarrow as pa
        import pyarrow.compute as pc

        pages, lines = (pa.array(each).cast(pa.string()) for each in (self.pages, self.lines))
        return '{"(' + _joined(pc.binary_join_element_wise(pages, lines, ","), ')","(') + ')"}'

    @property
    def writer_list(self) -> str:
        """Who wrote each, as PostgreSQL writes xid[]."""
        import pyarrow as pa

        return "{" + _joined(pa.array(self.writers).cast(pa.string()), ",") + "}"

    @property
    def ends(self) -> tuple[str, str]:
        """Places of the first and the last."""
        return self.place(0), self.place(-1)

    @property
    def span(self) -> tuple[str, str]:
        """Places between which all of them stand."""
        return f"({self.pages.min()},0)", f"({self.pages.max()},65535)"

    def place(self, at: int) -> str:
        """Where one stands."""
        return f"({self.pages[at]},{self.lines[at]})"

    @property
    def is_dense(self) -> bool:
        """Whether the pages that have them are about all pages between the first and the last of these."""
        import numpy as np

        return int(self.pages.max()) - int(self.pages.min()) < _LOOSE * len(np.unique(self.pages)) + _SOME

    @property
    def is_settled(self) -> bool:
        """Whether each was written by a transaction before the horizon, so that nobody else's version can be taken for it."""
        import numpy as np

        before = (np.uint32(self.horizon) - self.writers).astype("=i4") > 0
        return bool((before | (self.writers < _FIRST_USUAL)).all())


@dataclass(slots=True)
class Versions:
    """All of a batch, as they came; `horizon` is that of the moment before they were copied."""

    horizon: int = 0
    _pages: "list[NDArray[np.uint32]]" = field(default_factory=list)
    _lines: "list[NDArray[np.uint16]]" = field(default_factory=list)
    _writers: "list[NDArray[np.uint32]]" = field(default_factory=list)
    _dates: "list[pa.Array]" = field(default_factory=list)
    _rows: int = 0

    def add(
        self, pages: "NDArray[np.uint32]", lines: "NDArray[np.uint16]", writers: "NDArray[np.uint32]", dates: "pa.Array"
    ) -> None:
        """More rows."""
        self._pages.append(pages)
        self._lines.append(lines)
        self._writers.append(writers)
        self._dates.append(dates)
        self._rows += len(pages)

    def __len__(self) -> int:
        return self._rows

    def part(self, first: int, rows: int) -> Part:
        """At most so many from the place `first` of the file on; there must be one."""
        import numpy as np
        import pyarrow as pa

        end = min(first + rows, self._rows)
        pages, lines = np.concatenate(self._pages)[first:end], np.concatenate(self._lines)[first:end]
        dates = pa.chunked_array(self._dates)
        ends = dates[first].as_py(), dates[end - 1].as_py()
        return Part(pages, lines, np.concatenate(self._writers)[first:end], ends, self.horizon)

    @property
    def last_place(self) -> str:
        """Where the last row stands."""
        return f"({self._pages[-1][-1]},{self._lines[-1][-1]})"


def _joined(texts: "pa.Array", between: str) -> str:
    import pyarrow as pa
    import pyarrow.compute as pc

    one = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    return str(pc.binary_join(one, between)[0].as_py())
