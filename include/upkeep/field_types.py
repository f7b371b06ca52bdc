"""Types of the inventory's fields: what each accepts, said in words that its errors can show."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from upkeep.suggestions import nearest

SeverityLabel = Literal["low", "medium", "high", "critical"]
ThresholdValue = bool | int | float | str
_SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?) ?(ms|s|min|h|d)")
_CRON_WORDS = ("minute", "hour", "day of month", "month", "day of week")


def _visible(text: str) -> str:
    if not text.isprintable():
        msg = "has a control or an invisible character; names are shown in pages, logs and messages"
        raise ValueError(msg)
    if text != text.strip():
        msg = "starts or ends with a space"
        raise ValueError(msg)
    return text


def _zone(name: str) -> str:
    # Their list is walked only to name the nearest: it takes 20 ms, which every task start would pay.
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        msg = f'no time zone is called "{name[:40]}"{nearest(name, available_timezones(), most=0)}'
        raise ValueError(msg) from None
    return name


def _cron(text: str) -> str:
    from croniter import CroniterError, croniter  # type: ignore[import-untyped]

    if len(text.split()) != len(_CRON_WORDS):
        msg = f"expected five fields ({', '.join(_CRON_WORDS)}) such as 0 6 * * *"
        raise ValueError(msg)
    try:
        croniter(text, datetime(2000, 1, 1, tzinfo=UTC)).get_next()
    except CroniterError as error:
        msg = f"no cron that ever comes due: {error}"
        raise ValueError(msg) from None
    return text


def _seconds(text: Any) -> Any:
    found = _SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None or not float(found[1]):
        msg = "expected a time with its unit (ms, s, min, h or d), such as 30 min or 4 h"
        raise ValueError(msg)
    return float(found[1]) * _SECONDS[found[2]]


Seconds = Annotated[float, BeforeValidator(_seconds, json_schema_input_type=str)]
"""Written with its unit, kept in seconds."""
PlainName = Annotated[str, Field(min_length=1, max_length=63), AfterValidator(_visible)]
"""A name as PostgreSQL keeps it, without quotes."""
Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_visible)]
Zone = Annotated[str, AfterValidator(_zone)]
Cron = Annotated[str, AfterValidator(_cron)]
ConnectionId = Annotated[
    str, Field(pattern=r"^[\w.\-]+$", max_length=250, description="Id of an Airflow connection; never an address or a secret")
]
Link = Annotated[str, Field(pattern=r"^https?://\S+$", description="Link that starts with http:// or https://")]
SlackMember = Annotated[
    str, Field(pattern=r"^[UWS][A-Z0-9]{2,}$", description="Slack member or group id, such as U012AB3CD; not a name")
]
SlackChannel = Annotated[
    str, Field(pattern=r"^[CGD][A-Z0-9]{2,}$", description="Slack channel id, such as C012AB3CD; not a name. For a bot token")
]
