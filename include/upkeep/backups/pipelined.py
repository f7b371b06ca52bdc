"""
What many statements of one psql write, told apart by a line that no row can be.

They are sent ahead, as many as fit its pipe: else each of thousands of small tables would be waited for twice, by psql and by us.
"""

import fcntl
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import IO

from upkeep.sources.objects import CHUNK

# Between the end of a statement's output and a row there is no likeness: COPY doubles every backslash that begins a value.
END = b"\\.\n"
_SET_PIPE_SIZE, _GET_PIPE_SIZE = 1031, 1032  # of Linux, which fcntl names only there
_LINE_BREAK = 10
_LEAST_PIPE = 4096  # what every system holds


class Outputs:
    """
    The outputs of `requests`, each of which must write a line of END last. Bounded memory, but for one piece of a megabyte.

    `failure` makes the error to raise when psql ends before the last one.
    """

    def __init__(self, into: IO[bytes], out: IO[bytes], requests: Iterable[bytes], failure: Callable[[], Exception]) -> None:
        self._in, self._out, self._failure = into, out, failure
        self._requests = iter(requests)
        self._next = next(self._requests, None)
        self._sent: deque[int] = deque()
        self._waiting, self._most = 0, pipe_size(into) // 2  # a pipe may take less than its size when it is filled piece by piece
        self._data, self._at = b"", 0

    def __iter__(self) -> Iterator[Iterator[bytes]]:
        """One output after the other, each in blocks. What of one was not read is passed over."""
        self._send()
        while self._sent:
            one = self._one()
            yield one
            for _ in one:
                pass

    def _send(self) -> None:
        """Send ahead what fits. A statement longer than that goes alone, when psql has nothing else to do but read it."""
        more: list[bytes] = []
        while self._next is not None and (not self._waiting or self._waiting + len(self._next) <= self._most):
            more.append(self._next)
            self._sent.append(len(self._next))
            self._waiting += len(self._next)
            self._next = next(self._requests, None)
        if more:
            with suppress(BrokenPipeError):  # psql has ended; the end of its output says so
                self._in.write(b"".join(more))

    def _one(self) -> Iterator[bytes]:
        starts_line = True
        while True:
            end, found = cut(self._data, self._at, starts_line=starts_line)
            if end > self._at:
                yield self._data[self._at : end]
                starts_line = self._data[end - 1] == _LINE_BREAK
            self._at = end
            if found:
                return self._ended()
            more = self._out.read(CHUNK)
            if not more:
                raise self._failure()
            self._data, self._at = self._data[self._at :] + more, 0

    def _ended(self) -> None:
        self._at += len(END)
        self._waiting -= self._sent.popleft()
        if self._waiting <= self._most // 2:
            self._send()


def cut(data: bytes, start: int, *, starts_line: bool) -> tuple[int, bool]:
    """Where output that begins at `start` ends, and whether it ends there; else what may become the line of its end is left."""
    if starts_line and data.startswith(END, start):
        return start, True
    found = data.find(b"\n" + END, start)
    if found >= 0:
        return found + 1, True
    line = data.rfind(b"\n", start) + 1
    begun = max(line, start)
    return (begun if (line or starts_line) and END.startswith(data[begun:]) else len(data)), False


def pipe_size(pipe: IO[bytes]) -> int:
    """How many bytes a pipe takes before who writes must wait. It is made as large as a megabyte where the system allows."""
    with suppress(OSError):
        fcntl.fcntl(pipe.fileno(), _SET_PIPE_SIZE, CHUNK)
    with suppress(OSError):
        return int(fcntl.fcntl(pipe.fileno(), _GET_PIPE_SIZE))
    return _LEAST_PIPE
