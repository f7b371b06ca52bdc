"""Web vitals that browsers sent: requests to a path of the access log, with the measurement in the query string."""

from upkeep.sources.access_log import ReadLog
from upkeep.sources.duck import literal

_MOBILE = "(?i)mobi|android|iphone"
_PEOPLE = r"not regexp_matches(coalesce(agent, ''), '(?i)bot\b|crawl|spider|headless|lighthouse|pagespeed')"
_WORDS = {"lcp": 0, "inp": 0, "cls": 3}


def beacon_counts(log: ReadLog, path: str) -> list[tuple[str, str, float, int]]:
    """
    Device, vital, value and how many sent it; LCP and INP in whole milliseconds, CLS to three digits.

    A beacon is `?name=LCP&value=2500` or `?lcp=2500&cls=0.1`. Of several with the same `id` the last value, which is the largest,
    counts. The device is `device=`, else told by the agent; agents that are no people are left out. Needs the roles path and
    agent.
    """
    beacons = f"select path as url, agent from logs.line where kept and starts_with(path, {literal(path + '?')}) and {_PEOPLE}"  # noqa: S608 - quoted
    named = f"select lower({_param('name')}) as vital, {_param('value')} as written, * from ({beacons})"  # noqa: S608 - quoted
    plain = " union all ".join(_plain(vital, beacons) for vital in _WORDS)
    device = f"""case when lower({_param("device")}) in ('mobile', 'desktop') then lower({_param("device")})
        when regexp_matches(coalesce(agent, ''), '{_MOBILE}') then 'mobile' else 'desktop' end"""
    digits = " ".join(f"when '{vital}' then {count}" for vital, count in _WORDS.items())
    query = f"""with each as (
            select {device} as device, vital, try_cast(written as double) as value, nullif({_param("id")}, '') as id,
                row_number() over () as n
            from ({named} union all {plain})
        ),
        last as (
            select device, vital, max(value) as value from each
            where vital in ('lcp', 'inp', 'cls') and value between 0 and 1e7
            group by device, vital, coalesce(id, n::varchar)
        )
        select device, vital, round(value, case vital {digits} end) as value, count(*) from last group by all order by all"""  # noqa: S608
    return [(device, vital, float(value), int(count)) for device, vital, value, count in log.session.execute(query).fetchall()]


def _plain(vital: str, beacons: str) -> str:
    value = _param(vital)
    return f"select '{vital}' as vital, {value} as written, * from ({beacons}) where {value} <> ''"  # noqa: S608 - quoted


def _param(name: str) -> str:
    """A value of the query string, still as it was sent."""
    return f"regexp_extract(url, '(?i)[?&]{name}=([^&#]*)', 1)"
