"""Parsers read what they are given: none opens a file, starts a program or talks to the outside."""

import ast
from pathlib import Path

import pytest

FORMATS = Path(__file__).parents[2] / "include/upkeep/formats"
PURE = frozenset(
    [
        "ast",
        "base64",
        "bisect",
        "codecs",
        "collections",
        "contextlib",
        "cyclonedx",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fnmatch",
        "functools",
        "hashlib",
        "html",
        "importlib",
        "ipaddress",
        "itertools",
        "json",
        "license_expression",
        "math",
        "packageurl",
        "packaging",
        "pkgutil",
        "posixpath",
        "re",
        "shlex",
        "sqlite3",
        "string",
        "struct",
        "tomllib",
        "typing",
        "upkeep",
        "uuid",
        "warnings",
        "urllib.parse",
        "xml",
        "yaml",
        "zoneinfo",
    ]
)


@pytest.mark.parametrize("path", sorted(FORMATS.rglob("*.py")), ids=lambda path: path.stem)
def test_it_imports_nothing_that_reaches_out(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        foreign = [name for name in names if name.split(".")[0] not in PURE and name not in PURE]
        assert not foreign, f"{path.name} imports {foreign}: what reads files or asks others belongs into sources/"
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        assert called not in {"open", "print", "input"}, (
            f"{path.name}, line {getattr(node, 'lineno', 0)}: {called} belongs into sources/"
        )
