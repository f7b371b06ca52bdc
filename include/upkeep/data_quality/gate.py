"""Putting every suite to one window's rows."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from upkeep.data_quality.suite import Suite, found
from upkeep.duty import Duty
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.quality_result import QualityResult
from upkeep.targets.target import Target
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

Frame: TypeAlias = Any  # pandas.DataFrame, which has no types of its own
_EXAMPLES = 3


def validate(
    connection: "psycopg.Connection[Any]",
    cadence: Cadence,
    window: Window,
    expected: Iterable[tuple[Duty, Target]],
    suites: Iterable[Suite] | None = None,
) -> QualityResult:
    """
    Judge the rows of one window by every suite. `expected` are the questions that were to be put.

    Importing Great Expectations takes about five seconds; judging 20,000 metrics about one. Raises BrokenError when the report
    database is away.
    """
    context, params = _context(), _params(cadence, window, expected)
    judged = [
        (suite, *each)
        for suite in (found() if suites is None else suites)
        for each in _judged(context, suite, _frame(connection, suite, params))
    ]
    failures = (f"{suite.table}: {says}: {wrong}. {remedy}" for suite, says, remedy, wrong in judged if wrong)
    return QualityResult(len(judged), tuple(failures))


def _params(cadence: Cadence, window: Window, expected: Iterable[tuple[Duty, Target]]) -> dict[str, Any]:
    pairs = list(expected)
    return {
        "cadence": cadence.value,
        "start": window.start,
        "end": window.end,
        "duties": [duty.name for duty, _ in pairs],
        "targets": [target.name for _, target in pairs],
        "dated": [duty.dated for duty, _ in pairs],
    }


def _frame(connection: "psycopg.Connection[Any]", suite: Suite, params: dict[str, Any]) -> Frame:
    import pandas as pd  # type: ignore[import-untyped]

    with translate_errors():
        cursor = connection.execute(suite.sql.encode(), params)
        columns = [column.name for column in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=columns)


def _context() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _judged(context: Any, suite: Suite, frame: Frame) -> Iterator[tuple[str, str, str]]:
    """Each expectation of a suite with its remedy and what is wrong, or nothing."""
    import great_expectations as gx

    tests = [
        getattr(gx.expectations, e.test)(**e.arguments, meta={"says": e.says, "remedy": e.remedy}) for e in suite.expectations
    ]
    asked = gx.ExpectationSuite(name=suite.name, expectations=tests)
    batch = context.data_sources.pandas_default.read_dataframe(frame)
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["about"], "return_unexpected_index_query": False}
    for result in batch.validate(asked, result_format=form).results:
        meta = (result.expectation_config.meta if result.expectation_config else None) or {}
        yield str(meta["says"]), str(meta["remedy"]), "" if result.success else _wrong(result)


def _wrong(result: Any) -> str:
    seen = result.result
    if "unexpected_count" not in seen:
        return f"could not be tested ({result.exception_info})"
    places = [str(row["about"]) for row in seen.get("unexpected_index_list") or ()]
    shown = "; ".join(places[:_EXAMPLES]) + ("; …" if len(places) > _EXAMPLES else "")
    return f"{seen['unexpected_count']:,} of {seen['element_count']:,} are not so ({shown})"
