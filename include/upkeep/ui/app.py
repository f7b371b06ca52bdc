"""The application that Airflow mounts: its pages, what guards them, and what it says when something is away."""

from collections.abc import Callable, Iterable
from datetime import UTC, tzinfo
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.postgres import Endpoint
from upkeep.ui import files
from upkeep.ui.database import BusyError, NotMigratedError, Reader
from upkeep.ui.navigation import page_modules
from upkeep.ui.render import Missing, show

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}
_REFUSED = {
    401: ("Log in first", "These pages are part of Airflow and need its login."),
    403: ("Not permitted", "Your Airflow user may not read DAG runs, and these pages show what they found."),
}


def create_app(store: Callable[[], Endpoint], guard: Iterable[Any], zone: Callable[[], tzinfo] = lambda: UTC) -> FastAPI:
    """
    The pages over one report database.

    `store` gives its endpoint, `guard` are dependencies that let a request in or raise 401 or 403, `zone` is where days begin.
    There is no route that writes, and no generated documentation, which would not be guarded.
    """
    app = FastAPI(title="Upkeep", dependencies=list(guard), docs_url=None, redoc_url=None, openapi_url=None)
    app.state.reader, app.state.zone = Reader(store), zone
    for part in (files, *page_modules()):
        app.include_router(part.router)
    app.middleware("http")(_with_headers)
    app.add_exception_handler(Missing, _missing)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(BrokenError, _away)
    app.add_exception_handler(CannotAskError, _away)
    return app


async def _with_headers(request: Request, proceed: Callable[[Request], Any]) -> Response:
    # No text of the database holds such a character, and it refuses to compare with one.
    readable = b"%00" not in request.scope["query_string"]
    response: Response = await proceed(request) if readable else _unreadable(request)
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def _missing(request: Request, error: Any) -> Response:
    return show(request, "error", 404, title=error.title, text=error.text, near=error.near)


def _refused(request: Request, error: Any) -> Response:
    title, text = _REFUSED.get(error.status_code, (f"Error {error.status_code}", str(error.detail)))
    if error.status_code == 404:  # noqa: PLR2004 - the one status that the router itself gives
        title, text = "No such page", "Upkeep has no page at this address."
    return show(request, "error", error.status_code, title=title, text=text, login=error.status_code == 401)  # noqa: PLR2004 - as above


def _misread(request: Request, error: Any) -> Response:
    return _unreadable(request, "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors()))


def _unreadable(request: Request, message: str = "It has a null character.") -> Response:
    text = f"Something in its query is not as it should be. {message}"
    return show(request, "error", 400, title="This address cannot be read", text=text)


def _away(request: Request, error: Any) -> Response:
    behind = isinstance(error, NotMigratedError)
    busy = isinstance(error, BusyError)
    title = f"The report database is {'not set up' if behind else 'busy' if busy else 'away'}"
    text = error.reason if behind else f"Upkeep keeps what it found there, and cannot read it now: {error.reason}."
    return show(request, "error", 503, title=title, text=text, command=error.remedy if behind else "", remedy=error.remedy)
