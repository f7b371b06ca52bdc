"""What is counted of an access log: minutes, percentiles and endpoints, by DuckDB over the lines that were read."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from upkeep.errors import CannotAskError
from upkeep.sources.access_log import ReadLog
from upkeep.sources.access_log_files import Interval
from upkeep.sources.duck import literal

MINUTE = timedelta(minutes=1)
MALFORMED, OTHERS = "(malformed request)", "(other endpoints)"
_UUID = "[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_ID = rf"\d+|\d{{4}}-\d\d-\d\d|{_UUID}|[0-9a-fA-F]*\d[0-9a-fA-F]*|[0-9A-HJKMNP-TV-Z]{{26}}"
_SHORTEST_HEX, _LONGEST = 12, 200


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """One minute with requests. `slow` is None where the format has no times."""

    minute: datetime
    requests: int
    errors: int
    refused: int
    closed: int
    slow: int | None


@dataclass(frozen=True, slots=True)
class EndpointCount:
    """One endpoint. `timed` requests have a time; `seconds` are the percentiles asked for, in their order."""

    endpoint: str
    requests: int
    errors: int
    timed: int
    total_s: float | None
    seconds: tuple[float, ...]


def _classes(log: ReadLog) -> str:
    closed = ", ".join(map(str, sorted(log.place.lines.closed)))
    return (
        "count(*) as requests, count(*) filter (status between 500 and 599) as errors, "
        f"count(*) filter (status between 400 and 499 and status not in ({closed})) as refused, "
        f"count(*) filter (status in ({closed})) as closed"
    )


def timed(log: ReadLog) -> bool:
    """Whether the format tells how long answers took."""
    return bool(log.place.lines.values("seconds"))


def minute_counts(log: ReadLog, slow_s: float) -> list[MinuteCount]:
    """The minutes that have requests."""
    slow = f"count(*) filter (seconds > {slow_s!r})" if timed(log) else "null"
    query = f"""select date_trunc('minute', moment) as minute, {_classes(log)}, {slow}
        from logs.line where kept group by minute order by minute"""  # noqa: S608 - numbers only
    return [MinuteCount(row[0].astimezone(UTC), *row[1:]) for row in log.session.execute(query).fetchall()]


def percentiles(log: ReadLog, shares: tuple[float, ...]) -> tuple[int, tuple[float, ...]]:
    """How many requests have a time, and for each share the least time within which so many were answered; exact, by rank."""
    found = _ranked(log, "''", "(select seconds from logs.line where kept and seconds is not null)", shares)
    return found.get("", (0, ()))


def seen(log: ReadLog) -> tuple[datetime, datetime]:
    """
    The whole minutes of the window between the first and the last line: `[start, end)`; those without a line were quiet.

    Raises CannotAskError when there is none of the window between them.
    """
    window = log.window
    if log.first is None or log.last is None:
        raise CannotAskError(f"{log.place.described} has no lines for {_said(window)}", "see that the server writes it")
    if log.first >= window.end or log.last < window.start:
        told = f"reaches from {log.first:%Y-%m-%d %H:%M} to {log.last:%Y-%m-%d %H:%M} UTC, the window is {_said(window)}"
        raise CannotAskError(f"{log.place.described} {told}", "keep logs for as long as windows are asked about")
    start, end = _minute(max(log.first, window.start)), _minute(log.last) + MINUTE
    return start, min(end, window.end)


def _said(window: Interval) -> str:
    return f"{window.start:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC"


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def endpoint_counts(log: ReadLog, shares: tuple[float, ...], most: int) -> list[EndpointCount]:
    """
    Endpoints by method and path without ids and query strings, those with the most requests or time; the rest as one.

    Needs the roles method and path. Raises CannotAskError when the format has neither a request nor a path.
    """
    if not log.place.lines.values("request") and not log.place.lines.values("path"):
        raise CannotAskError(f"the format of {log.place.described} has no path", "add $request or %r to the server's format")
    log.session.execute(_endpoint_table(most))
    ranked = _ranked(log, "endpoint", "(select endpoint, seconds from requested where seconds is not null)", shares)
    query = f"""select endpoint, {_classes(log)}, count(seconds), sum(seconds) from requested
        group by endpoint order by count(*) desc, endpoint"""  # noqa: S608 - numbers only
    return [
        EndpointCount(name, requests, errors, count, total, ranked.get(name, (0, ()))[1])
        for name, requests, errors, _, _, count, total in log.session.execute(query).fetchall()
    ]


def _endpoint_table(most: int) -> str:
    """Each request with its endpoint. Paths are made plain once each, not once a request."""
    folded = f"""select distinct method, path, coalesce(upper(left(method, 20)) || ' ', '') || {_folded("path")} as endpoint
        from logs.line where kept and path is not null"""  # noqa: S608 - quoted
    return f"""create temp table requested as
        with named as ({folded}),
        each as (
            select coalesce(named.endpoint, {literal(MALFORMED)}) as endpoint, line.status, line.seconds
            from logs.line as line left join named on named.path = line.path and named.method is not distinct from line.method
            where line.kept
        ),
        ranked as (
            select endpoint, row_number() over (order by count(*) desc, endpoint) as by_requests,
                row_number() over (order by sum(seconds) desc nulls last, endpoint) as by_time
            from each group by endpoint
        )
        select case when least(by_requests, by_time) <= {most // 2} then endpoint else {literal(OTHERS)} end as endpoint,
            each.status, each.seconds
        from each inner join ranked using (endpoint)"""  # noqa: S608 - quoted


def _folded(path: str) -> str:
    bare = rf"regexp_replace(regexp_extract({path}, '^[^?#;]*'), '^[a-z]+://[^/]*', '')"
    is_id = (
        f"regexp_full_match(part, {literal(_ID)}) and (length(part) >= {_SHORTEST_HEX} or not regexp_matches(part, '[a-zA-Z]'))"
    )
    part = f"case when {is_id} or part like '%@%' then '{{id}}' else part end"
    parts = f"list_transform(string_split({bare}, '/'), lambda part: {part})"
    visible = f"regexp_replace(array_to_string({parts}, '/'), '[[:cntrl:]]', '\ufffd', 'g')"
    return f"case when {bare} = '' then '/' else left({visible}, {_LONGEST}) end"


def _ranked(log: ReadLog, key: str, relation: str, shares: tuple[float, ...]) -> dict[str, tuple[int, tuple[float, ...]]]:
    """By counts of equal times, which can be spilled to disk, not by all of them in memory."""
    least = ", ".join(f"min(seconds) filter (upto >= ceil(total * {share!r}::decimal(9, 8)))" for share in shares)
    query = f"""with counted as (select {key} as name, seconds, count(*) as n from {relation} group by all),
        summed as (
            select name, seconds, sum(n) over (partition by name order by seconds) as upto,
                sum(n) over (partition by name) as total
            from counted
        )
        select name, any_value(total), {least} from summed group by name"""  # noqa: S608 - numbers and names of ours
    found: dict[str, tuple[int, tuple[float, ...]]] = defaultdict(lambda: (0, ()))
    for name, total, *seconds in log.session.execute(query).fetchall():
        found[name] = int(total), tuple(map(float, seconds))
    return found
