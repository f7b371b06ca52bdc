"""What helps, in a document: words as words, what pastes as code, and no process by its id."""

from upkeep.reports.markdown import advice


def test_words_and_what_pastes_are_apart() -> None:
    found = advice("-- see its plan\nexplain select * from a | b; -- with *real* values")
    assert found == "see its plan ` explain select * from a \\| b; ` with \\*real\\* values"


def test_a_long_statement_is_whole() -> None:
    statement = f"alter role a set work_mem = '{'x' * 900}';"
    assert statement in advice(statement)


def test_a_document_names_no_process() -> None:
    found = advice("select pg_terminate_backend(77); -- it is idle")
    assert "77" not in found
    assert "page of findings" in found
