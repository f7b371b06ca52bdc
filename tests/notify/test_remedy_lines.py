"""A remedy in Slack: what is copied out of a message is what was meant to be run."""

import pytest

from upkeep.notify.text import remedy_lines


@pytest.mark.parametrize(
    ("remedy", "lines"),
    [
        ("-- what changed: a release?\nexplain select 1;", ["Fix: what changed: a release?", "`explain select 1;`"]),
        (
            "select pg_terminate_backend(7); -- then let it commit, or: alter role x set lock_timeout = '1s';",
            ["Fix: `select pg_terminate_backend(7);`", "then let it commit, or:", "`alter role x set lock_timeout = '1s';`"],
        ),
        ("put a pooler in front", ["Fix: put a pooler in front"]),
        ("upkeep doctor", ["Fix: `upkeep doctor`"]),
        ("drop index a < b;", ["Fix: `drop index a &lt; b;`"]),
        ("", []),
    ],
)
def test_each_piece_has_a_line_of_its_own(remedy: str, lines: list[str]) -> None:
    assert remedy_lines("Fix: ", remedy) == lines


@pytest.mark.parametrize("statement", [f"drop index {'x' * 600};", 'drop index "a`b";', f"select '{'<' * 200}';"])
def test_what_was_cut_or_altered_is_no_code(statement: str) -> None:
    assert not any(line.startswith(("Fix: `", "`")) for line in remedy_lines("Fix: ", statement))


def test_a_long_remedy_stays_a_message() -> None:
    assert len(remedy_lines("Fix: ", "analyze a; -- or\n" * 50)) <= 6
