"""Only `store` writes report tables: whoever wants to know what may change a row reads one folder."""

import re
from pathlib import Path

import pytest

from upkeep.store.migrate import migrations

PACKAGE = Path(__file__).parents[2] / "include/upkeep"
STORE = PACKAGE / "store"
TABLE = r'"?upkeep"?\s*\.\s*"?(?P<table>\w+)"?'
WRITE = re.compile(
    rf"\b(insert\s+into|update(\s+only)?|delete\s+from(\s+only)?|truncate(\s+table)?|merge\s+into|copy)\s+{TABLE}", re.IGNORECASE
)
COPY_OUT = re.compile(rf"\bcopy\s+{TABLE}[^;]*?\bto\s+stdout", re.IGNORECASE)
FUNCTION = re.compile(r"create (?:or replace )?function upkeep\.(?P<name>\w+)\(.*?\bas \$\$", re.IGNORECASE | re.DOTALL)
FILES = sorted(p for p in PACKAGE.rglob("*") if p.suffix in {".py", ".sql"} and STORE not in p.parents)


def writing_functions() -> set[str]:
    """Functions of the schema that are not declared stable or immutable: they may write."""
    made = [m for text in migrations().values() for m in FUNCTION.finditer(text)]
    return {m["name"] for m in made if not re.search(r"\b(stable|immutable)\b", m[0])}


def writes(text: str) -> list[str]:
    """Statements of a text that write to the schema, as far as they say where."""
    text = re.sub(r"--[^\n]*", "", text)
    calls = rf"\bupkeep\.({'|'.join(sorted(writing_functions()))})\s*\("
    return [m[0] for m in WRITE.finditer(COPY_OUT.sub("", text))] + [m[0] for m in re.finditer(calls, text)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_it_writes_no_report_table(path: Path) -> None:
    found = writes(path.read_text(encoding="utf-8"))
    assert not found, (
        f"{path.relative_to(PACKAGE)} writes a report table ({found[0]}): "
        "put the statement into store/sql/ and a function beside it in store/ that runs it, and call that"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "insert into upkeep.report values (1)",
        "INSERT  INTO\n    upkeep.report values (1)",
        'update "upkeep"."answer" set evidence = null',
        "update only upkeep.answer set evidence = null",
        "delete from upkeep.metric",
        "truncate upkeep.metric",
        "copy upkeep.metric from stdin",
        "with a as (select 1) merge into upkeep.run using a on true when matched then delete",
        "select upkeep.roll_up('daily', now(), now())",
    ],
)
def test_a_statement_that_writes_is_seen(statement: str) -> None:
    assert writes(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from upkeep.report",
        "-- delete from upkeep.metric",
        "copy upkeep.metric to stdout",
        "select * from upkeep.findings_now(%(now)s)",
        "insert into public.report select * from upkeep.report",
        "select for update from upkeep.answer",
    ],
)
def test_a_statement_that_reads_is_not(statement: str) -> None:
    assert not writes(statement)


def test_functions_that_write_are_known() -> None:
    assert {"roll_up", "take_claims", "ensure_metric_month"} <= writing_functions()
    assert not {"findings_as_of", "findings_now", "waiver_for"} & writing_functions()
