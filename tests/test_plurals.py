"""Nothing says "1 sessions": a count goes through `plural`."""

import ast
import re
from pathlib import Path

import pytest

import upkeep

PACKAGE = Path(upkeep.__file__).parent
_MANY = re.compile(r" (?:[a-z]+ )?[a-z]{2,}s\b(?! of)")
# Words behind a number of which there are always several, or that are no nouns.
_FINE = re.compile(r" (?:does|has|is|says|stands|was|needs|as)\b")


def counted(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "len"


def unplural(source: str) -> list[str]:
    """Texts in which a bare `len(…)` stands before a word in the plural, and nothing says of how many."""
    found = []
    for text in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.JoinedStr)):
        before = ""
        for value, after in zip(text.values, [*text.values[1:], None], strict=True):
            args = after.value if isinstance(after, ast.Constant) else ""
            held = isinstance(value, ast.FormattedValue) and counted(value.value) and not before.endswith("of ")
            if held and _MANY.match(str(args)) and not _FINE.match(str(args)):
                found.append(ast.unparse(text))
            before = str(value.value) if isinstance(value, ast.Constant) else ""
    return found


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        ('f"{len(found)} sessions wait"', True),
        ('f"{len(found):,} slow calls"', True),
        ("f\"{plural(len(found), 'session')} waiting\"", False),
        ("f\"{len(slow)} of {plural(len(all), 'statement')}\"", False),
        ('f"{len(found)} is too many"', False),
    ],
)
def test_the_test(source: str, wrong: bool) -> None:  # noqa: FBT001 - one of two columns
    assert bool(unplural(source)) is wrong


def test_every_count_is_said_as_one_or_many() -> None:
    wrong = {
        str(file.relative_to(PACKAGE)): unplural(file.read_text(encoding="utf-8"))
        for file in PACKAGE.rglob("*.py")
        if "slack" not in file.parent.name  # its limits are never one
    }
    assert not {name: texts for name, texts in wrong.items() if texts}, "use upkeep.humanize.plural"
