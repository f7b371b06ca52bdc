"""How an examination is shown: every `no` with what to do, what stays unknown until then, and one script for each server."""

from typing import Any

import pytest

from upkeep.doctor.show import as_table, closing, grant_scripts, show
from upkeep.targets.diagnosis import Diagnosis, Level


def said(subject: str = "shop", level: Level = Level.OK, **more: Any) -> Diagnosis:
    return Diagnosis(**{"subject": subject, "about": "answers", "level": level, "text": "it answers", **more})


def told(*diagnoses: Diagnosis) -> list[list[str]]:
    """The cells of each line."""
    columns = [[str(cell) for cell in column.cells] for column in as_table(diagnoses).columns]
    return [list(cells) for cells in zip(*columns, strict=True)]


def test_a_subject_is_named_once() -> None:
    lines = told(said(), said(about="rights"), said("blog"), said())
    assert [line[1] for line in lines] == ["shop", "", "blog", "shop"]


@pytest.mark.parametrize(
    ("level", "text"),
    [
        (Level.OK, "it answers"),
        (Level.NOTE, "it answers\n→ grant it\nsee a.yaml:3"),
        (Level.NO, "it answers\n→ grant it\nsee a.yaml:3"),
    ],
)
def test_what_is_well_needs_no_remedy(level: Level, text: str) -> None:
    assert told(said(level=level, remedy="grant it", where="a.yaml:3"))[0][3] == text


def test_without_a_remedy_or_a_place_there_is_no_empty_line() -> None:
    assert told(said(level=Level.NO))[0][3] == "it answers"


@pytest.mark.parametrize(("count", "ends"), [(6, "d5"), (8, "d5 and 2 more")])
def test_of_many_duties_that_stay_unknown_six_are_named(count: int, ends: str) -> None:
    (line,) = told(said(level=Level.NO, blind=tuple(f"d{number}" for number in range(count))))
    assert line[3].startswith("it answers\nunknown until then: d0, d1, ")
    assert line[3].endswith(ends)


@pytest.mark.parametrize(
    ("levels", "last"),
    [
        ([Level.OK, Level.NOTE], "All 2 are well."),
        ([Level.NO, Level.OK, Level.NO], "2 of 3 need a person."),
    ],
)
def test_a_note_needs_nobody(levels: list[Level], last: str) -> None:
    assert closing([said(level=level) for level in levels]) == last


def test_a_server_has_one_script_with_each_grant_once() -> None:
    scripts = grant_scripts(
        [
            said(server="db:5432", database="shop", grants=("grant a;", "grant b;")),
            said(server="db:5432", database='o"dd', grants=("grant c;",)),
            said(server="db:5432", database="shop", grants=("grant b;",)),
            said(server="other:5432", database="shop"),
        ]
    )
    assert scripts == {
        "db:5432": "-- Rights for Upkeep on db:5432; paste into psql as an administrator.\n"
        '\\connect "o""dd"\ngrant c;\n\\connect "shop"\ngrant a;\ngrant b;',
    }


def test_a_statement_is_never_cut_at_the_edge(capsys: pytest.CaptureFixture[str]) -> None:
    grant = f"grant select on {', '.join(f'public.t{number}' for number in range(60))} to upkeep; -- [red] is a name"
    show([said(level=Level.NO, server="db:5432", database="shop", grants=(grant,))])
    out = capsys.readouterr().out
    assert grant in out
    assert out.rstrip().endswith("1 of 1 need a person.")
