"""Questions to an HTTP service that answers in JSON: asked again while it is busy, and clear about every other answer."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress

if TYPE_CHECKING:
    import httpx

_BUSY = frozenset({408, 425, 429, 502, 503, 504})
_REFUSED = frozenset({401, 403})
_FAILED = 500
_LONGEST_WAIT_S = 30.0
_OF_TRANSFER = frozenset({"content-encoding", "content-length", "transfer-encoding"})
Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HttpJson:
    """
    One service, such as "Prometheus", that has `timeout_s` for the whole of an answer and is asked `tries` times in all.

    `transport` and `wait` are for tests.
    """

    address: HttpAddress
    name: str
    timeout_s: float = 60
    tries: int = 3
    transport: "httpx.BaseTransport | None" = None
    wait: Callable[[float], None] = time.sleep

    @property
    def described(self) -> str:
        """Its name and address."""
        return f"{self.name} at {self.address.url}"

    def get(self, path: str, fields: Fields | None = None) -> Any:
        """What is at a path, with fields in its query. Raises BrokenError."""
        return self._read(path, self.answered("GET", path, params=fields or {}))

    def post(self, path: str, fields: Fields) -> Any:
        """The answer to a form, however long. Raises BrokenError."""
        return self._read(path, self.answered("POST", path, data=fields))

    def answered(self, method: str, path: str, **more: Any) -> "httpx.Response":
        """Whatever it answers, once it is not busy; `more` goes with the request. Raises BrokenError where it does not."""
        import httpx

        why = ""
        with self.address.client(self.timeout_s, self.transport) as client:
            for attempt in range(self.tries):
                pause = 0.5 * 2**attempt
                try:
                    answer = self._whole(client, method, path, **more)
                except httpx.TimeoutException:
                    why = f"no answer within {self.timeout_s:g} s"
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    why = f"{type(error).__name__}: {error}"
                else:
                    if answer.status_code not in _BUSY:
                        return answer
                    why, pause = _busy(answer), _pause(answer, pause)
                if attempt + 1 < self.tries:
                    self.wait(pause)
        raise BrokenError(f"{self.described} did not answer in {self.tries} tries: {why}", "see whether it runs", retry=True)

    def _whole(self, client: "httpx.Client", method: str, path: str, **more: Any) -> "httpx.Response":
        import httpx

        end = time.monotonic() + self.timeout_s
        with client.stream(method, path, **more) as answer:
            body = b"".join(_until(end, answer.iter_bytes()))
        headers = {name: value for name, value in answer.headers.items() if name not in _OF_TRANSFER}
        return httpx.Response(answer.status_code, headers=headers, content=body, request=answer.request)

    def _read(self, path: str, answer: "httpx.Response") -> Any:
        status, kind = answer.status_code, answer.headers.get("content-type", "")
        if status in _REFUSED:
            raise self._wrong(f"refused the login (HTTP {status})", "correct login, password or headers of its connection")
        if answer.is_redirect:
            where = answer.headers.get("location", "elsewhere").partition("?")[0]
            raise self._wrong(f"sends to {where} (HTTP {status})", "name that address itself")
        try:
            return json.loads(answer.content)
        except (ValueError, RecursionError):
            if status >= _FAILED:
                raise BrokenError(f"{self.described} failed (HTTP {status})", "see its log", retry=True) from None
            if "json" in kind and answer.content.startswith((b"{", b"[")):
                text = f"{self.described} answered {path} with JSON that is cut or damaged (HTTP {status})"
                raise BrokenError(text, "see what proxy stands before it, and its limit of size", retry=True) from None
            what = "a web page" if "html" in kind else f"something that is no JSON ({kind or 'of no type'})"
            text = f"answered {path} with {what} (HTTP {status})"
            raise self._wrong(text, "check the path of its connection, and what proxy or login page stands before it") from None

    def _wrong(self, what: str, remedy: str) -> BrokenError:
        return BrokenError(f"{self.described} {what}", remedy, retry=False)


def _busy(answer: "httpx.Response") -> str:
    try:
        said = answer.json().get("error", "")
    except (ValueError, AttributeError):
        said = ""
    return f"HTTP {answer.status_code}{f' ({said})' if said else ''}"


def _until(end: float, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A time limit of a client is for each piece: an answer that comes in drops has none."""
    import httpx

    for chunk in chunks:
        if time.monotonic() > end:
            raise httpx.ReadTimeout("the answer comes too slowly")
        yield chunk


def _pause(answer: "httpx.Response", usual: float) -> float:
    wait = asked_to_wait(answer)
    return usual if wait is None else min(max(wait, 0.0), _LONGEST_WAIT_S)


def asked_to_wait(answer: "httpx.Response") -> float | None:
    """Seconds that a busy service asks for, in a number or as a date by its own clock; None where it asks for none."""
    told = answer.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        return (parsedate_to_datetime(told) - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds()
    except (ValueError, TypeError):
        return None
