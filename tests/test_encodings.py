"""Names, settings and messages of a server may be in any encoding: nothing that a program prints is decoded strictly."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "include").rglob("*.py"))
STARTS = {"run", "Popen", "check_output"}


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_output_of_programs_is_never_decoded_strictly(file: Path) -> None:
    for call in _calls(ast.parse(file.read_text(encoding="utf-8"))):
        given = {keyword.arg for keyword in call.keywords}
        started = isinstance(call.func, ast.Attribute) and call.func.attr in STARTS
        if started and given & {"text", "encoding", "universal_newlines"}:
            assert "errors" in given, f"{file.name}:{call.lineno}: give errors=, or a name in LATIN1 ends the task"


ASKED = sorted(file for folder in ("checks", "sources", "backups") for file in (ROOT / "include/upkeep" / folder).rglob("*.sql"))


@pytest.mark.parametrize("file", ASKED, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_question_for_a_server_can_be_written_in_every_encoding(file: Path) -> None:
    strange = set(file.read_text(encoding="utf-8")) - {chr(code) for code in range(128)}
    assert not strange, f"{file.name}: write {sorted(strange)} in ASCII, comments too: a database in EUC_JP refuses the statement"
