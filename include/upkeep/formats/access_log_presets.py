"""Formats of access logs by name."""

from upkeep.formats.access_log import Columns, Delimited, JsonLines, Lines, Role, Value
from upkeep.formats.access_log_words import read_format
from upkeep.suggestions import nearest

_COMMON = '%h %l %u %t "%r" %>s %b'
_COMBINED = f'{_COMMON} "%{{Referer}}i" "%{{User-Agent}}i"'
_ALB = (
    *("type", "time", "elb", "client", "target", "request_processing", "target_processing", "response_processing"),
    *("elb_status_code", "target_status_code", "received", "sent", '"request"', '"agent"'),
)
_ALB_VALUES = {
    "time": Value("time", "time", "iso"),
    "target_processing": Value("target_processing_time", "seconds", "1"),
    "elb_status_code": Value("elb_status_code", "status"),
    '"request"': Value("request", "request"),
    '"agent"': Value("user_agent", "agent"),
}
_CLOUDFRONT = {
    "date": Value("date", "time", "iso"),
    "cs-method": Value("cs-method", "method"),
    "cs-uri-stem": Value("cs-uri-stem", "path"),
    "sc-status": Value("sc-status", "status"),
    "time-taken": Value("time-taken", "seconds", "1"),
    "x-host-header": Value("x-host-header", "host"),
    "cs(User-Agent)": Value("cs(User-Agent)", "agent"),
}
_GIVEN_UP = {"alb": frozenset({460, 499}), "cloudfront": frozenset({0, 499})}


def _alb() -> Delimited:
    pieces: list[str | Value] = []
    for word in _ALB:
        quote = '"' if word.startswith('"') else ""
        pieces += [quote, _ALB_VALUES.get(word, Value(word)), f"{quote} "]
    joined: list[str | Value] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece:
            joined.append(piece)
    return Delimited(tuple(joined), open_end=True, closed=_GIVEN_UP["alb"])


def _tried(role: Role, *names: str, how: str = "") -> tuple[Value, ...]:
    """Paths of a role in JSON; after a `*` how that one is written."""
    each = [name.partition("*") for name in names]
    return tuple(Value(f"$.{path}", role, own or how) for path, _, own in each)


PRESETS: dict[str, Lines] = {
    "common": read_format(_COMMON),
    "combined": read_format(_COMBINED),
    "vhost_combined": read_format(f"%v:%p {_COMBINED.replace('%b', '%O')}"),
    "traefik_common": read_format(f'{_COMBINED} %x "%x" "%x" %{{ms}}Tms'),
    "alb": _alb(),
    "cloudfront": Columns(_CLOUDFRONT, _GIVEN_UP["cloudfront"]),
    "json": JsonLines(
        {
            "time": _tried("time", "time_iso8601", "time_local", "msec", "time", "timestamp", "@timestamp", "ts", how="any"),
            "request": _tried("request", "request"),
            "method": _tried("method", "request_method", "method"),
            "path": _tried("path", "request_uri", "uri", "path"),
            "status": _tried("status", "status"),
            "seconds": _tried("seconds", "request_time*1", "upstream_response_time*sum", "duration_ms*0.001"),
            "host": _tried("host", "host", "http_host", "server_name"),
            "agent": _tried("agent", "http_user_agent", "user_agent"),
        }
    ),
    "caddy": JsonLines(
        {
            "time": _tried("time", "ts", how="any"),
            "method": _tried("method", "request.method"),
            "path": _tried("path", "request.uri"),
            "status": _tried("status", "status"),
            "seconds": _tried("seconds", "duration", how="go"),
            "host": _tried("host", "request.host"),
            "agent": _tried("agent", 'request.headers."User-Agent"[0]'),
        }
    ),
    "traefik": JsonLines(
        {
            "time": _tried("time", "StartUTC", "StartLocal", "time", how="any"),
            "method": _tried("method", "RequestMethod"),
            "path": _tried("path", "RequestPath"),
            "status": _tried("status", "DownstreamStatus"),
            "seconds": _tried("seconds", "Duration", how="0.000000001"),
            "host": _tried("host", "RequestHost", "RequestAddr"),
            "agent": _tried("agent", '"request_User-Agent"'),
        }
    ),
}


def lines_of(text: str) -> Lines:
    """What a format of the inventory says: a name of `PRESETS`, or the words of a server. Raises ValueError."""
    if text in PRESETS:
        return PRESETS[text]
    if "$" in text or "%" in text:
        return read_format(text)
    known = ", ".join(PRESETS)
    raise ValueError(
        f"no format is called {text[:60]!r}{nearest(text, PRESETS, most=0)}: use one of {known}, or the server's own words"
    )
