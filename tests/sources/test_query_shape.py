"""Shapes: no constant survives, and like statements are one."""

import pytest

from upkeep.sources.query_shape import shape, without_constants


@pytest.mark.parametrize(
    ("statement", "text"),
    [
        ("select * from t where a = 'x' and b = 12.5e3", "select * from t where a = ? and b = ?"),
        ("select e'it\\'s bob', U&'b\\006Fb', B'01', x'1F'", "select ?, ?, ?, ?"),
        ("do $x$ begin perform 'bob'; $$ $$ end $x$", "do ?"),
        ("select 1 -- bob\n, 2 /* bob /* nested */ bob */", "select ? , ?"),
        ('select "it\'s 1", t1.c2, $1::int8 from "bob\'"', 'select "it\'s 1", t1.c2, $1::int8 from "bob\'"'),
        ("select 'open bob", "select ?"),
        ('select "open bob', "select ?"),
        ("select 1 /* open bob", "select ?"),
        ("select $$ open bob", "select ?"),
        ("execute find(7, 'bob')", "execute find(?, ?)"),
    ],
)
def test_constants_go(statement: str, text: str) -> None:
    assert without_constants(statement) == text


def test_lists_of_any_length_are_one_shape() -> None:
    short, long = shape("select * from t where id in (1, 2)"), shape("select  *\nfrom t where id in (3,4,5) -- x")
    assert short == long
    assert short.text == "select * from t where id in (?)"


def test_what_does_not_parse_has_a_shape_too() -> None:
    assert shape("selct 'a' frm t").fingerprint == shape("selct 'b'  frm t").fingerprint
    assert shape("selct 'a' frm t").fingerprint != shape("selct 'a' frm u").fingerprint


def test_hostile_texts() -> None:
    for statement in ("", "\x00", "(" * 30_000, "'" * 9_999, "/*" * 5_000, "\ud800", "select " + "1," * 100_000 + "1"):
        found = shape(statement)
        assert len(found.fingerprint) == 16
        assert len(found.text) <= 500
