"""Texts of an access log as values, in SQL of DuckDB: what is not exactly of its form is null, never a guess."""

from upkeep.formats.access_log import Value
from upkeep.sources.duck import literal

_CLF = "%d/%b/%Y:%H:%M:%S %z"
_OFFSET = r"(Z|[+-]\d\d:?\d\d)$"
# Seconds until the year 5138, then milliseconds, microseconds and nanoseconds.
_SCALES = (("1e11", "1"), ("1e14", "1e3"), ("1e17", "1e6"))


def time_of(value: Value, text: str) -> str:
    """An instant; a time without its offset is null."""
    match value.how:
        case "clf":
            return _pattern(text, _CLF)
        case "iso":
            return _iso(text)
        case "epoch":
            return _epoch(text)
        case "any":
            return f"coalesce({_epoch(text)}, {_iso(text)}, {_pattern(text, _CLF)})"
    return _pattern(text, value.how)


def _pattern(text: str, pattern: str) -> str:
    return f"try_strptime({text}, {literal(pattern)})"


def _iso(text: str) -> str:
    return f"case when regexp_matches({text}, {literal(_OFFSET)}) then try_cast({text} as timestamptz) end"


def _epoch(text: str) -> str:
    number = f"try_cast({text} as double)"
    cases = " ".join(f"when {number} < {limit} then {number} / {scale}" for limit, scale in _SCALES)
    return f"try(to_timestamp(case when {number} < 0 then null {cases} else {number} / 1e9 end))"


def status_of(text: str) -> str:
    """A status; 0 where the server has none to tell."""
    number = f"try_cast({text} as smallint)"
    return f"case when {text} in ('-', '') then 0 when {number} between 0 and 999 then {number} end"


def seconds_of(value: Value, text: str) -> str:
    """A duration in seconds; null for none, for -1 and for what is no number."""
    if value.how == "sum":
        parts = f"list_transform(string_split({text}, ','), lambda part: try_cast(trim(part) as double))"
        seconds = f"case when {text} like '%,%' then list_sum({parts}) else try_cast({text} as double) end"
    elif value.how == "go":
        seconds = _go(text)
    elif value.how == "1":
        seconds = f"try_cast({text} as double)"
    else:
        seconds = f"try_cast({text} as double) * {value.how}::double"
    return f"case when {seconds} between 0 and 1e9 then {seconds} end"


def _go(text: str) -> str:
    """A number of seconds, or as programs in Go write a duration: 850.4µs, 1m3.5s."""
    units = (("ms", "1e3"), ("µs", "1e6"), ("us", "1e6"), ("ns", "1e9"))
    short = " ".join(
        f"when ends_with({text}, '{unit}') then try_cast(left({text}, length({text}) - 2) as double) / {parts}"
        for unit, parts in units
    )
    hours, minutes = (f"coalesce(try_cast(regexp_extract({text}, '(\\d+){unit}', 1) as double), 0)" for unit in "hm")
    last = f"try_cast(regexp_extract({text}, '([\\d.]+)s$', 1) as double)"
    long = f"when regexp_full_match({text}, '(\\d+h)?(\\d+m)?[\\d.]+s') then {hours} * 3600 + {minutes} * 60 + {last}"
    return f"coalesce(try_cast({text} as double), case {short} {long} end)"


def request_columns(request: str) -> tuple[str, str]:
    """Method and path of a request line; null in one that is malformed, whatever it is."""
    words = f"string_split({request}, ' ')"
    whole = f"len({words}) >= 3 and starts_with({words}[-1], 'HTTP/')"
    between = f"substr({request}, length({words}[1]) + 2, length({request}) - length({words}[1]) - length({words}[-1]) - 2)"
    return f"case when {whole} then {words}[1] end", f"case when {whole} then {between} end"
