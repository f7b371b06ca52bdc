"""Styles and scripts. They go through a route, not a mount, so that the guard holds for them too."""

from functools import cache
from hashlib import sha256

from fastapi import APIRouter, Request
from fastapi.responses import Response

from upkeep.ui.render import STATIC, Missing

router = APIRouter()
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".txt": "text/plain; charset=utf-8"}


@router.get("/static/{name}", response_class=Response)
def static(request: Request, name: str) -> Response:
    """One file of ours; kept by browsers for a year when its address carries its hash."""
    if name not in _names():
        raise Missing("No such file", f"Upkeep has no file called {name}.")
    content, tag = _content(name)
    kept = "private, max-age=31536000, immutable" if request.query_params.get("v") == tag[:12] else "private, no-cache"
    headers = {"ETag": f'"{tag}"', "Cache-Control": kept}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=_KINDS["." + name.rpartition(".")[2]], headers=headers)


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir() if path.suffix in _KINDS)


@cache
def _content(name: str) -> tuple[bytes, str]:
    content = (STATIC / name).read_bytes()
    return content, sha256(content).hexdigest()
