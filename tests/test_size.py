"""Nothing is too long to be read at once: functions, with their signature and docstring, and files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FUNCTION, FILE = 40, 250
SOURCES = sorted(path for folder in ("include/upkeep", "dags", "plugins", "bench") for path in (ROOT / folder).rglob("*.py"))


def too_long(source: str) -> Iterator[str]:
    """Functions past the limit. Lines count from `def` on, to the last of the body; decorators do not."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION:
                yield f"{node.name} has {lines} lines (limit {FUNCTION}, signature and docstring included)"


def function_of(lines: int) -> str:
    return "@decorated\ndef made(\n    one: int,\n) -> int:\n" + '    """Said."""\n' + "    one += 1\n" * (lines - 4)


def test_a_function_counts_whole() -> None:
    assert list(too_long(function_of(FUNCTION))) == []
    assert list(too_long(function_of(FUNCTION + 1))) == ["made has 41 lines (limit 40, signature and docstring included)"]
    assert list(too_long("class A:\n" + "".join(f"    {line}\n" for line in function_of(60).splitlines()))) != []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_and_files_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert list(too_long(text)) == [], "split it: what measures, what judges, what says it"
    assert text.count("\n") <= FILE, f"{path.name} is longer than {FILE} lines: split it"
