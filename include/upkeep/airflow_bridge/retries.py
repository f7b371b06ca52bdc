"""How often tasks are tried again: what is away for a quarter of an hour, a target or the report database, turns nothing red."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from upkeep.errors import BrokenError

OUTAGE = timedelta(minutes=15)
_EACH_TWICE_AS_LONG = 2.0  # a factor: True would be 1, and the waits all alike
# Airflow waits between one and two times 30, 60, 120, 240 and 480 s, so at least 15.5 minutes in all. Later tries of a task that
# was cleared wait for 8 minutes at most.
RETRY: Mapping[str, Any] = {
    "retries": 5,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": _EACH_TWICE_AS_LONG,
    "max_retry_delay": timedelta(minutes=8),
}


def few_retries(retries: int) -> dict[str, Any]:
    """The settings of a task that is too long to be tried often: these few retries span the same outage."""
    delay = OUTAGE / retries
    return {"retries": retries, "retry_delay": delay, "retry_exponential_backoff": 0, "max_retry_delay": delay}


def at_once_after(error: type[Exception]) -> dict[str, Any]:
    """The settings of a task that waits for a person: one who made this error is asked again at once."""
    rule = RetryRule(exception=error, action=RetryAction.RETRY, retry_delay=timedelta(seconds=10))
    return {**RETRY, "retry_policy": ExceptionRetryPolicy(rules=[rule])}


def makes_sense(error: BrokenError, ti: Any) -> bool:
    """Whether this task instance is to be tried again, and will be. Tries from before it was cleared do not count."""
    if not error.retry or ti.try_number > ti.max_tries:
        return False
    cleared_after = max(0, ti.max_tries - ti.task.retries)
    return error.tries is None or ti.try_number - cleared_after < error.tries
