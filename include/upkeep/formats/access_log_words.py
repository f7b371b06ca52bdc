"""Formats of access logs in the words of the servers' own configuration: nginx's `log_format` and Apache's `LogFormat`."""

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from upkeep.formats.access_log import Delimited, Piece, Value

_DIRECTIVE = re.compile(r"\s*(?:log_format\s+\S+(?:\s+escape=\w+)?|LogFormat)\s", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NGINX = re.compile(r"\$(?:\{([a-z0-9_]+)\}|([a-z0-9_]+))")
_APACHE = re.compile(r"%%|%[!0-9,]*[<>]?(?:\{([^}]*)\})?(\^[A-Za-z]{2}|[A-Za-z])")
_APACHE_TIMES = re.compile(r"%\{[^}]*\}t(?:[^%]{0,3}%\{[^}]*\}t)+")
_APACHE_TIME = re.compile(r"%\{([^}]*)\}t")
_FRACTIONS = {"msec_frac": "%g", "usec_frac": "%f"}
_CLF = Value("time", "time", "clf")
_NGINX_VALUES = {
    "time_local": _CLF,
    "time_iso8601": Value("time_iso8601", "time", "iso"),
    "msec": Value("msec", "time", "epoch"),
    "request": Value("request", "request"),
    "request_method": Value("request_method", "method"),
    "request_uri": Value("request_uri", "path"),
    "uri": Value("uri", "path"),
    "document_uri": Value("document_uri", "path"),
    "status": Value("status", "status"),
    "request_time": Value("request_time", "seconds", "1"),
    "upstream_response_time": Value("upstream_response_time", "seconds", "sum"),
    "host": Value("host", "host"),
    "http_host": Value("http_host", "host"),
    "server_name": Value("server_name", "host"),
    "http_user_agent": Value("http_user_agent", "agent"),
}
_APACHE_VALUES = {
    "r": Value("%r", "request"),
    "m": Value("%m", "method"),
    "U": Value("%U", "path"),
    "s": Value("%s", "status"),
    "D": Value("%D", "seconds", "0.000001"),
    "T": Value("%T", "seconds", "1"),
    "v": Value("%v", "host"),
    "V": Value("%V", "host"),
}
_PARTS = {"s": "1", "ms": "0.001", "us": "0.000001"}
_QUERIES = {"is_args", "args", "query_string", "%q"}
_EPOCHS = {"sec", "msec", "usec"}


def read_format(text: str) -> Delimited:
    """
    A format from nginx (`$…`) or Apache (`%…`): the text itself, or the whole directive with its quotes and lines.

    Raises ValueError that says what is missing or cannot be told apart.
    """
    bare = _text(text)
    split = _nginx if _NGINX.search(bare) else _apache
    pieces = tuple(_merged(split(bare)))
    _check(pieces)
    return Delimited(pieces)


def _text(text: str) -> str:
    directive = _DIRECTIVE.match(text)
    if directive:
        quoted = list(_QUOTED.finditer(text, directive.end() - 1))
        apache = directive[0].strip().lower() == "logformat"
        text = "".join(each[1] if each[1] is not None else each[2] for each in quoted[: 1 if apache else None])
    return text.replace('\\"', '"').replace("\\'", "'").replace("\\t", "\t").strip("\r\n")


def _nginx(text: str) -> Iterator[Piece]:
    def value(found: "re.Match[str]") -> Iterator[Piece]:
        name = found[1] or found[2]
        yield _NGINX_VALUES.get(name, Value(name))

    return _split(_NGINX, text, value)


def _apache(text: str) -> Iterator[Piece]:
    def value(found: "re.Match[str]") -> Iterator[Piece]:
        if found[0] == "%%":
            yield "%"
        elif found[2] == "t" and found[1] is None:
            yield from ("[", _CLF, "]")
        else:
            yield _apache_value(found[0], found[1], found[2])

    return _split(_APACHE, _APACHE_TIMES.sub(_one_time, text), value)


def _one_time(found: "re.Match[str]") -> str:
    """A time that is written in several, as for parts of a second, as one."""
    return f"%{{{_APACHE_TIME.sub(lambda part: _FRACTIONS.get(_bare(part[1]), _bare(part[1])), found[0])}}}t"


def _bare(argument: str) -> str:
    return argument.removeprefix("begin:").removeprefix("end:")


def _apache_value(text: str, argument: str | None, letter: str) -> Value:
    if letter == "t":
        return _apache_time(argument or "")
    if letter == "i":
        return {"host": Value(text, "host"), "user-agent": Value(text, "agent")}.get((argument or "").lower(), Value(text))
    if letter == "T" and argument:
        return Value(text, "seconds", _PARTS[argument]) if argument in _PARTS else Value(text)
    return _APACHE_VALUES.get(letter, Value(f"%{letter}"))


def _apache_time(argument: str) -> Value:
    pattern = _bare(argument).replace("%T", "%H:%M:%S").replace("%F", "%Y-%m-%d")
    if pattern in _EPOCHS:
        return Value("time", "time", "epoch")
    whole = "%z" in pattern and any(year in pattern for year in ("%Y", "%y"))
    return Value("time", "time", pattern) if whole else Value("time without a date or an offset")


def _split(pattern: "re.Pattern[str]", text: str, value: Callable[["re.Match[str]"], Iterator[Piece]]) -> Iterator[Piece]:
    at = 0
    for found in pattern.finditer(text):
        yield text[at : found.start()]
        yield from value(found)
        at = found.end()
    yield text[at:]


def _merged(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Fixed texts joined; a query string right after its path is part of it."""
    last: Piece = ""
    for piece in pieces:
        if isinstance(piece, str) and isinstance(last, str):
            last += piece
        elif isinstance(piece, Value) and piece.name in _QUERIES and isinstance(last, Value) and last.role == "path":
            continue
        elif piece:
            yield from (last,) if last else ()
            last = piece
    yield from (last,) if last else ()


def _check(pieces: tuple[Piece, ...]) -> None:
    values = [piece for piece in pieces if isinstance(piece, Value)]
    names = [piece.name if isinstance(piece, Value) else None for piece in pieces]
    for left, right in pairwise(names):
        if left is not None and right is not None:
            raise ValueError(f"nothing stands between {left} and {right}: where one ends cannot be told")
    lacking = [name for name in ("time", "status") if name not in {value.role for value in values}]
    if lacking:
        remedy = "such as $time_local, $time_iso8601 or $msec of nginx, %t of Apache; and $status or %>s"
        raise ValueError(f"the format has no {' and no '.join(lacking)} with its offset: {remedy}")
