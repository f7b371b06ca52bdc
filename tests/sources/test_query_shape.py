"""Shapes: no constant survives, and like statements are one."""

import pytest

from upkeep.sources.query_shape import fingerprint, shown, without_constants


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
    short, long = "select * from t where id in (1, 2)", "select  *\nfrom t where id in (3,4,5) -- x"
    assert fingerprint(short) == fingerprint(long)
    assert shown(short) == shown(long) == "select * from t where id in (?)"


def test_what_does_not_parse_has_a_shape_too() -> None:
    assert fingerprint("selct 'a' frm t (1,2)") == fingerprint("SELCT 'b'  frm t (3)")
    assert fingerprint("selct 'a' frm t") != fingerprint("selct 'a' frm u")


@pytest.mark.parametrize(
    "text", ["", "\x00", "(" * 30_000, "'" * 9_999, "/*" * 5_000, "\ud800", "select " + "1," * 100_000 + "1"]
)
def test_hostile_texts(text: str) -> None:
    assert len(fingerprint(text)) == 16
    assert len(shown(text)) <= 500
