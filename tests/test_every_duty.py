"""What holds for every duty, whoever adds one. Each message says the way out."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import get_type_hints

import pytest

from upkeep.config.thresholds import fault_of, threshold_types
from upkeep.discovery import discover
from upkeep.duty import Duty
from upkeep.sources.rights import Right
from upkeep.targets import kinds
from upkeep.units import Unit

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "include/upkeep"
MARKERS = ("baseline", "near_miss", "fault")
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
SQL_CLOCKS = r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|localtimestamp|current_date|current_timestamp)\b"
# What a question that needs no order ends in: something that has exactly one row.
ONE_ROW = (
    r"from \(select 1\) as one",
    r"datname = pg_catalog\.current_database\(\)",
    r"\nfrom pg_catalog\.pg_stat_(archiver|bgwriter|checkpointer|wal)\b",
    r"\nfrom \w+\(%\(",
)

every_duty = pytest.mark.parametrize("duty", discover(), ids=lambda duty: duty.name)
every_sql = pytest.mark.parametrize(
    "path",
    sorted(p for kind in ("checks", "jobs", "reviews") for p in (PACKAGE / kind).rglob("*.sql")),
    ids=lambda path: path.name,
)


def file_of(duty: Duty) -> Path:
    return PACKAGE.parent / (duty.ask.__module__.replace(".", "/") + ".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sql_files(duty: Duty) -> list[Path]:
    path = file_of(duty)
    return sorted(path.parent.glob(f"{path.stem}*.sql"))


def bare(sql: str) -> str:
    """SQL without comments, texts and quoted names."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"", lambda m: "" if m[0].startswith("--") else "''", sql)


@every_duty
def test_its_text_says_what_and_why(duty: Duty) -> None:
    first, _, rest = duty.text.partition("\n")
    assert first.strip().endswith("."), f"{duty.name}: begin the docstring with one sentence, which becomes its title"
    assert len(first) <= 130, f"{duty.name}: shorten the first line of the docstring"
    args = len(rest.split())
    assert args >= 15, f"{duty.name}: after an empty line, say why it matters and what it leaves out ({args} words now)"


@every_duty
def test_it_stands_where_its_name_says(duty: Duty) -> None:
    assert file_of(duty).stem == duty.name, f"call the file {duty.name}.py or the function {file_of(duty).stem}"
    assert duty.area == file_of(duty).parent.name
    assert len([d for d in discover() if d.name == duty.name]) == 1, f"two duties are called {duty.name}: rename one"


@every_duty
def test_it_has_an_owner_and_a_kind_of_target(duty: Duty) -> None:
    assert duty.owner.strip(), f'{duty.name}: give owner="…" in its decorator'
    assert duty.target in kinds().values(), f"{duty.name}: annotate its first argument with a kind of target"


@every_duty
def test_it_waits_only_for_duties_of_its_own_run(duty: Duty) -> None:
    others = {d.name for d in discover() if d.cadence is duty.cadence and d.name != duty.name}
    unknown = set(duty.after) - others
    assert not unknown, f"{duty.name}: `after` names {sorted(unknown)}, which the {duty.cadence} run does not have"


@every_duty
def test_it_is_tested_healthy_near_and_faulty(duty: Duty) -> None:
    folder = ROOT / "tests" / file_of(duty).parent.relative_to(PACKAGE)
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("test_*.py")]
    text = "".join(t for t in texts if f"from {duty.ask.__module__} import" in t)
    assert text, f"write {(folder / f'test_{duty.name}.py').relative_to(ROOT)}"
    lacking = [marker for marker in MARKERS if f"mark.{marker}" not in text]
    assert not lacking, f"tests of {duty.name}: mark some with {', '.join('@pytest.mark.' + m for m in lacking)}"


@every_duty
def test_its_thresholds_have_fitting_defaults(duty: Duty) -> None:
    hints = get_type_hints(duty.ask)
    for name, ought in threshold_types(duty).items():
        assert ought in {bool, int, float, str}, f"{duty.name}.{name}: annotate it as bool, int, float or str, not {hints[name]}"
        fault = fault_of(name, duty.thresholds[name], ought)
        assert fault is None, f"{duty.name}.{name}: the default does not fit: {fault}"
        assert re.fullmatch(r"[a-z][a-z0-9_]+", name), f"{duty.name}.{name}: lower case words"


@every_duty
def test_its_rights_say_what_is_unseen_and_how_to_grant(duty: Duty) -> None:
    for right in duty.needs:
        assert not isinstance(right, Right) or right.grant.rstrip().split(" --")[0].endswith(";"), (
            f"{right.name}: the grant must paste into psql"
        )
        assert right.without, f"{right.name}: say what cannot be seen without it"


@every_duty
def test_it_imports_neither_airflow_nor_another_duty(duty: Duty) -> None:
    for node in ast.walk(tree_of(file_of(duty))):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert not name.startswith("airflow"), f"{duty.name}: duties know nothing of Airflow"
            other = next((d for d in discover() if d.name != duty.name and d.ask.__module__ == name), None)
            assert other is None, f"{duty.name}: put what it shares with {other and other.name} into a module of its own"


@every_duty
def test_it_takes_its_units_from_the_list(duty: Duty) -> None:
    for node in ast.walk(tree_of(file_of(duty))):
        spelled = [k.value for k in getattr(node, "keywords", ()) if k.arg == "unit" and isinstance(k.value, ast.Constant)]
        texts = [str(constant.value) for constant in spelled if constant.value is not None]
        assert not texts, f"{duty.name}: write unit=Unit.… (upkeep.units) instead of {texts}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Unit":
            way_out = f"there is no Unit.{node.attr}: use one of {', '.join(Unit.__members__)}, or add it to upkeep.units"
            assert node.attr in Unit.__members__, f"{duty.name}: {way_out}"


@every_duty
def test_its_sql_stands_in_files(duty: Duty) -> None:
    texts = [n.value for n in ast.walk(tree_of(file_of(duty))) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    inline = [t.strip() for t in texts if re.match(r"\s*(select|with)\s[^;]*\n[^;]*\bfrom\s", t) and t.strip() != duty.text]
    assert not inline, f"{duty.name}: more than one line of SQL belongs into {duty.name}.sql: {inline[0][:60] if inline else ''}"


@every_duty
def test_a_dated_duty_never_looks_at_a_clock(duty: Duty) -> None:
    if not duty.dated:
        pytest.skip("live: it is about the present")
    for node in ast.walk(tree_of(file_of(duty))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            clock = (node.value.id, node.attr)
            assert clock not in CLOCKS, f"{duty.name}: line {node.lineno}: time comes from its window, not from {'.'.join(clock)}"
    for path in sql_files(duty):
        text = path.read_text(encoding="utf-8")
        found = None if "\n-- clock: " in text else re.search(SQL_CLOCKS, bare(text))
        way_out = "pass the window as parameters, or say why in a line that begins with '-- clock: '"
        assert found is None, f"{path.name}: {found and found[0]} in a dated duty; {way_out}"


@every_sql
def test_a_question_says_what_it_finds(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert re.match(r"-- \S.{20,}", first), f"{path.name}: begin with a comment that says what is found"


@every_sql
def test_a_question_is_in_lower_case(path: Path) -> None:
    loud = sorted(set(re.findall(r"\b[A-Z]{2,}\b", bare(path.read_text(encoding="utf-8")))))
    assert not loud, f"{path.name}: write {', '.join(loud)} in lower case"


@every_sql
def test_a_question_trusts_no_search_path(path: Path) -> None:
    text = bare(path.read_text(encoding="utf-8"))
    system = r"pg_(?!catalog\b|stat_statements|buffercache)\w+"
    found = re.findall(rf"\b(?:from|join)\s+({system})|(?<![\w.])({system})\s*\(", text)
    names = sorted({a or b for a, b in found})
    assert not names, f"{path.name}: write {', '.join('pg_catalog.' + name for name in names)}"


@every_sql
def test_a_question_always_answers_in_one_order(path: Path) -> None:
    text = bare(path.read_text(encoding="utf-8"))
    top_level_from = re.search(r"^from ", text, re.MULTILINE)
    ordered = re.search(r"\border by\b", text) or not top_level_from or any(re.search(p, text) for p in ONE_ROW)
    assert ordered, f"{path.name}: end with an order by that leaves no two rows alike"


@every_sql
def test_a_question_belongs_to_somebody(path: Path) -> None:
    stem = path.name.split(".")[0]
    users = [p for p in path.parent.glob("*.py") if stem == p.stem or f'"{path.name}"' in p.read_text() or stem in p.read_text()]
    assert users, f"{path.name}: no file beside it asks this; delete it"


def test_there_are_duties() -> None:
    assert len(discover()) >= 1


def test_names_of_duties_are_no_names_of_tables_in_the_inventory() -> None:
    taken = {duty.name for duty in discover()} & set(kinds())
    assert not taken, f"rename {taken}: a section of the inventory is called so"
