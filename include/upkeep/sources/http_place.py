"""Files behind an HTTP address, read by name as those of an object store are."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import quote

from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import httpx

_IN_MEMORY = 64 * 10**6
_LARGEST = 4 * 10**9
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class HttpPlace:
    """A place that only gives. `transport` and `wait` are for tests; a busy server is asked again, `tries` times in all."""

    url: str
    tries: int = 4
    transport: "httpx.BaseTransport | None" = None
    wait: Callable[[float], None] = time.sleep

    def get(self, name: str) -> bytes:
        """A small file. Raises BrokenError."""
        with self.reader(name) as file:
            return file.read()

    @contextmanager
    def reader(self, name: str) -> Iterator[BinaryIO]:
        """A file of any size, whole before the block begins. Raises BrokenError."""
        address = f"{self.url.rstrip('/')}/{quote(name)}" if name else self.url
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
            self._fetch(address, cast("BinaryIO", spool))
            spool.seek(0)
            yield cast("BinaryIO", spool)

    def _fetch(self, address: str, into: BinaryIO) -> None:
        import httpx

        why = ""
        for attempt in range(self.tries):
            into.seek(0)
            into.truncate()
            try:
                status = self._stream(address, into)
            except httpx.TransportError as error:
                why = f"{type(error).__name__}: {error}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise BrokenError(f"could not fetch {address}: {error}", "check the address", retry=False) from error
            else:
                if status == httpx.codes.OK:
                    return
                why = f"HTTP {status}"
                if status not in _BUSY:
                    raise BrokenError(f"could not fetch {address}: {why}", "check the address", retry=False)
            if attempt + 1 < self.tries:
                self.wait(0.5 * 2**attempt)
        raise BrokenError(f"could not fetch {address} in {self.tries} tries: {why}", retry=True)

    def _stream(self, address: str, into: BinaryIO) -> int:
        import httpx

        with (
            httpx.Client(timeout=60, transport=self.transport, follow_redirects=True, max_redirects=3) as client,
            client.stream("GET", address) as response,
        ):
            for chunk in response.iter_bytes() if response.status_code == httpx.codes.OK else ():
                into.write(chunk)
                if into.tell() > _LARGEST:
                    raise BrokenError(f"{address} is larger than {_LARGEST // 10**9} GB: it was not kept", retry=False)
            return response.status_code
