"""Calls of an HTTP API that keeps or takes secrets: what goes wrong is told by method, path and status, never by content."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.http_address import HttpAddress

if TYPE_CHECKING:
    import httpx

_DENIED, _LIMITED, _BROKEN = {401, 403}, 429, 500


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, and the JSON object that came with it, empty where there was none."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HttpCalls:
    """The API at an address. `denied` is what to do when a call is not allowed; `transport` is for tests."""

    address: HttpAddress
    denied: str
    transport: "httpx.BaseTransport | None" = None

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        passing: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """
        The reply to one request. A status of 400 or more is raised, unless it is in `passing`.

        Raises CannotAskError when it is not allowed, and BrokenError, with retry when the API is away, busy or sealed.
        """
        import httpx

        try:
            with self.address.client(transport=self.transport) as client:
                found = client.request(method, path, json=body, headers=dict(headers or {}))
        except httpx.HTTPError as error:
            what = f"{self.address.url}: {method} {path} had no answer ({type(error).__name__})"
            raise BrokenError(what, "see whether it runs and can be reached", retry=True) from None
        if found.status_code >= httpx.codes.BAD_REQUEST and found.status_code not in passing:
            raise self._refused(method, path, found.status_code)
        return Reply(found.status_code, _object(found))

    def _refused(self, method: str, path: str, status: int) -> CannotAskError | BrokenError:
        what = f"{self.address.url}: {method} {path} answered {status}"
        if status in _DENIED:
            return CannotAskError(f"{what}: it is not allowed", self.denied)
        return BrokenError(what, "see its log", retry=status == _LIMITED or status >= _BROKEN)


def _object(response: "httpx.Response") -> Mapping[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
