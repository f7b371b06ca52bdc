"""The data-quality gate: what Great Expectations says about one run's rows, before anybody is told about them."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from upkeep.duty import Duty
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.answers import sql
from upkeep.store.quality_result import QualityResult
from upkeep.targets.target import Target
from upkeep.units import Unit
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

Frame: TypeAlias = Any  # pandas.DataFrame, which has no types of its own

LARGEST_SHARE = 10.0
ROUNDING = 0.001
_FINITE = sys.float_info.max
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Expectation:
    """One sentence about the rows of one frame, and the class of Great Expectations that tests it."""

    says: str
    test: str
    words: Mapping[str, Any]


def validate(
    connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, expected: Iterable[tuple[Duty, Target]]
) -> QualityResult:
    """
    Judge the rows of one window. `expected` are the questions that were to be put.

    Importing Great Expectations takes about five seconds; judging 20,000 metrics about one.
    """
    context = _context()
    met, failures = 0, []
    for name, frame in _frames(connection, cadence, window, expected):
        for says, failure in _judged(context, name, frame):
            met += not failure
            failures += [f"{says}: {failure}"] if failure else []
    return QualityResult(met + len(failures), tuple(failures))


SUITES: Mapping[str, tuple[Expectation, ...]] = {
    "expected": (
        Expectation(
            "every question that was to be put has exactly one answer",
            "ExpectColumnValuesToBeBetween",
            {"column": "answers", "min_value": 1, "max_value": 1},
        ),
    ),
    "answers": (
        Expectation(
            "every status is ok, breach or unknown",
            "ExpectColumnValuesToBeInSet",
            {"column": "status", "value_set": ["ok", "breach", "unknown"]},
        ),
        Expectation(
            "every answer has a summary, which for unknown is the reason",
            "ExpectColumnValueLengthsToBeBetween",
            {"column": "summary", "min_value": 1},
        ),
        Expectation(
            "every breach has a finding",
            "ExpectColumnValuesToBeBetween",
            {"column": "findings_of_breach", "min_value": 1},
        ),
        Expectation(
            "nothing but a breach has findings",
            "ExpectColumnValuesToBeBetween",
            {"column": "findings_of_others", "max_value": 0},
        ),
        Expectation("no answer took less than no time", "ExpectColumnValuesToBeBetween", {"column": "seconds", "min_value": 0}),
    ),
    "findings": (
        Expectation("every finding is there once", "ExpectColumnValuesToBeUnique", {"column": "fingerprint"}),
        Expectation(
            "every fingerprint is 16 hex digits",
            "ExpectColumnValuesToMatchRegex",
            {"column": "fingerprint", "regex": "^[0-9a-f]{16}$"},
        ),
        Expectation("every finding has a title", "ExpectColumnValueLengthsToBeBetween", {"column": "title", "min_value": 1}),
        Expectation("every finding has a remedy", "ExpectColumnValueLengthsToBeBetween", {"column": "remedy", "min_value": 1}),
        Expectation(
            "no finding's value or limit is NaN or infinite",
            "ExpectColumnValuesToBeInSet",
            {"column": "wild", "value_set": [False]},
        ),
        Expectation(
            "every finding's unit is a known one",
            "ExpectColumnValuesToBeInSet",
            {"column": "unit", "value_set": ["", *Unit]},
        ),
    ),
    "metrics": (
        Expectation("no metric is NaN", "ExpectColumnValuesToNotBeNull", {"column": "value"}),
        Expectation(
            "no metric is infinite",
            "ExpectColumnValuesToBeBetween",
            {"column": "value", "min_value": -_FINITE, "max_value": _FINITE},
        ),
        Expectation(
            f"every share lies between 0 and {LARGEST_SHARE:g} (a larger one is a percentage or a mistake)",
            "ExpectColumnValuesToBeBetween",
            {"column": "share", "min_value": 0, "max_value": LARGEST_SHARE},
        ),
        Expectation(
            "every share is its numerator divided by its denominator",
            "ExpectColumnValuesToBeBetween",
            {"column": "off", "max_value": ROUNDING},
        ),
        Expectation(
            "every metric's unit is a known one", "ExpectColumnValuesToBeInSet", {"column": "unit", "value_set": list(Unit)}
        ),
        Expectation(
            "every metric's moment lies in its window",
            "ExpectColumnValuesToBeBetween",
            {"column": "seconds_outside", "max_value": 0},
        ),
    ),
}


def _frames(
    connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, expected: Iterable[tuple[Duty, Target]]
) -> Iterator[tuple[str, Frame]]:
    import pandas as pd  # type: ignore[import-untyped]

    pairs = [(duty.name, target.name) for duty, target in expected]
    words = {
        "cadence": cadence.value,
        "start": window.start,
        "end": window.end,
        "duties": [duty for duty, _ in pairs],
        "targets": [target for _, target in pairs],
    }
    for name in SUITES:
        with translate_errors():
            cursor = connection.execute(sql(f"quality_{name}"), words)
            columns = [column.name for column in cursor.description or ()]
            yield name, pd.DataFrame(cursor.fetchall(), columns=columns)


def _context() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _judged(context: Any, name: str, frame: Frame) -> Iterator[tuple[str, str]]:
    """Each expectation of a suite with what is wrong, or nothing."""
    import great_expectations as gx

    tests = [getattr(gx.expectations, e.test)(**e.words, meta={"says": e.says}) for e in SUITES[name]]
    suite = gx.ExpectationSuite(name=name, expectations=tests)
    batch = context.data_sources.pandas_default.read_dataframe(frame)
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": ["about"], "return_unexpected_index_query": False}
    for result in batch.validate(suite, result_format=form).results:
        meta = result.expectation_config.meta if result.expectation_config else {}
        yield str((meta or {})["says"]), "" if result.success else _wrong(result)


def _wrong(result: Any) -> str:
    found = result.result
    if "unexpected_count" not in found:
        return f"could not be tested ({result.exception_info})"
    places = [str(row["about"]) for row in found.get("unexpected_index_list") or ()]
    shown = "; ".join(places[:_EXAMPLES]) + ("; …" if len(places) > _EXAMPLES else "")
    return f"{found['unexpected_count']:,} of {found['element_count']:,} are not so ({shown})"
