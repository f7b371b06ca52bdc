"""PostgreSQL's lexical rules, held against what a real server reads."""

import random

import pytest

from tests.growth import cpu_seconds
from tests.lab import Lab
from upkeep.formats.sql_tokens import CUT, Kind, skeleton, tokens

ONE_STRING = (
    "'it''s'", "''", "'back\\'", "'a--b'", "'/*'", "e'it\\'s'", "E'\\\\'", "E'a''b\\'c'", "E'a\\'b'\n 'c\\'d'", "n'x'",
    "N'it''s'", "U&'d\\0061t'", "$$it's$$", "$tag$ $$ 'x' $tag$", "$Ä_1$ $ $Ä$ $Ä_1$", "'a'\n 'b'", "'ä €'", "'\n'",
)  # fmt: skip
ONE_NUMBER = ("1", "12.5", ".5", "5.", "1e10", "1.5E-3", ".5e+1", "42")
NUMBERS_SINCE_16 = ("1_000", "0x1F", "0o17", "0b101", "1_0.0_1e1_0", "0x_1F")


def kinds(text: str) -> list[tuple[Kind, str]]:
    return [(kind, found) for kind, found, _ in tokens(text)]


def holes(text: str) -> str:
    return " ".join("?" if kind is Kind.CONSTANT else found for kind, found in kinds(text))


@pytest.mark.parametrize("literal", ONE_STRING)
def test_what_the_server_reads_as_one_string_is_one_constant(lab: Lab, literal: str) -> None:
    with lab.session() as session:
        assert session.execute(f"select pg_typeof(({literal})::text)::text".encode()).fetchone() == ("text",)
    assert holes(f"select {literal} from t") in {"select ? from t", "select ? ? from t"}
    assert skeleton(f"select {literal} from t") in {"select \x00 from t", "select \x00\n \x00 from t", None}


@pytest.mark.parametrize("number", [*ONE_NUMBER, *NUMBERS_SINCE_16])
def test_what_the_server_reads_as_one_number_is_one_constant(lab: Lab, number: str) -> None:
    with lab.session() as session:
        if number in ONE_NUMBER or session.info.server_version >= 160000:
            cursor = session.execute(f"select {number}".encode())
            assert [column.name for column in cursor.description or ()] == ["?column?"], "it was read as a number and an alias"
    assert holes(f"select {number}+a1") == "select ? + a1"
    assert skeleton(f"select {number}+a1") == "select \x00+a1"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a1.b2", "a1 . b2"),
        ("t$1 x", "t$1 x"),
        ("$1+$22", "$1 + $22"),
        ("1..10", "? . ?"),
        ('"it\'s ""1"""', '"it\'s ""1"""'),
        ('U&"d\\0061t"', 'U&"d\\0061t"'),
        ("bE'x'", "bE ?"),
        ("a -- it's\n,b", "a , b"),
        ("a /* 'x' /* \" */ */ , b", "a , b"),
        ("a*/* b */c", "a * c"),
        ("data->>'k'", "data - > > ?"),
        ("data ? 'k'", "data ? ?"),
        ("größe = 1", "größe = ?"),
        ("a\u00a0b = 1", "a\u00a0b = ?"),
        ("123abc", "? abc"),
    ],
)
def test_names_signs_and_comments(text: str, read: str) -> None:
    assert holes(text) == read


@pytest.mark.parametrize(
    "open_", ["'bob", "e'bob\\", "E'bob\\'", "$$ bob", "$x$ bob $$", '"bob', "/* bob", "/* /* bob */", "-- bob", "U&'bob"]
)
def test_what_is_open_hides_the_rest(open_: str) -> None:
    assert "bob" not in holes(f"select a, {open_}")
    assert "bob" not in (skeleton(f"select a, {open_}") or "")


def test_backslashes_escape_where_the_server_says_so(lab: Lab) -> None:
    text = r"select 'it\'s 1', n'\'', 'x' from t"
    with lab.session() as session:
        session.execute("set standard_conforming_strings = off; set backslash_quote = on")
        assert session.execute(rb"select 'it\'s 1', 'x'").fetchone() == ("it's 1", "x")
    assert holes(text) == "select ? , ? , ? from t"
    assert "bob" not in holes(r"select 'it\'s bob', 'x'")


def test_spaces_are_told() -> None:
    assert [spaced for _, _, spaced in tokens("a b/**/c(d --\n)")] == [False, True, True, False, False, True]


@pytest.mark.parametrize(
    "text", ["('", '"', "$a$", "/*", "--", "e'", "1_", "0x", "a,", "+", " ", "'\\", "1e", "$1", "'a'\n", "\u00e4", "."]
)
def test_a_hundred_thousand_characters_take_no_time(text: str) -> None:
    def read(long: str) -> None:
        assert sum(len(found) for _, found, _ in tokens(long)) <= len(long)
        skeleton(long)

    usual = "select a, b from t where c = 1; "
    limit = 20 * cpu_seconds(lambda: read(usual * (100_000 // len(usual))))
    assert cpu_seconds(lambda: read(text * (100_000 // len(text)))) < limit


@pytest.mark.parametrize(
    "literal",
    [
        r"E'a' -- it's one" + "\n" + r" 'it\'s bob'", r"e'a'" + "\r" + r"'\'bob'", "E'a'\n--x\n--y\r\n\t'\\'bob'",
        "E'a' --x\n 'b\\'' \n 'c\\'bob'", "U&'a'\n'd\\0061 bob'", "n'a'\n'bob'", "$$a$b$bob$$", "$a$ $a $ $A$ bob$a$",
    ],
)  # fmt: skip
def test_a_string_in_parts_escapes_as_its_first_part_does(lab: Lab, literal: str) -> None:
    with lab.session() as session:
        row = session.execute(f"select ({literal})::text, 1 as other".encode()).fetchone()
    assert row
    assert "bob" in row[0]
    assert row[1] == 1, "the server read it as one string"
    found = [text for kind, text, _ in tokens(f"select ({literal})::text, 1 as other") if kind is not Kind.CONSTANT]
    assert "".join(found) == "select()::text,asother"


SECRET = "hunter2"
INNER = (SECRET, "\\", "'", "''", "\\'", "\\\\", '"', "--", "/*", "*/", "$$", "$a$", "\n", " ", "x", ";", "E'", "é", ")", "(")


def written(inner: str, rng: random.Random, *, conforming: bool) -> str:
    """A string constant with this text in one of the server's ways to write it."""
    doubled = inner.replace("'", "''")
    plain = doubled if conforming else doubled.replace("\\", "\\\\")
    tag = next(t for t in ("$$", "$q$", "$Q_1$", "$é$") if t not in inner and not (inner + "$").count(t[:-1] + "$"))
    escaped = inner.replace("\\", "\\\\").replace("'", rng.choice(["\\'", "''"])).replace("\n", "\\n")
    gap = rng.choice(["\n", " -- it's\n ", "\r\n\t", '\n--"\n'])
    ways = [f"'{plain}'", f"N'{plain}'", f"E'{escaped}'", f"e'x'{gap}'{escaped}'", f"{tag}{inner}{tag}"]
    return rng.choice(ways if not conforming else [*ways, "U&'" + doubled.replace("\\", "\\\\") + "'"])


@pytest.mark.parametrize("conforming", [True, False])
def test_no_string_that_the_server_reads_comes_out_whatever_the_setting(lab: Lab, *, conforming: bool) -> None:
    rng = random.Random(20_261_126)  # noqa: S311 - made-up statements
    with lab.session() as session:
        session.execute(f"set standard_conforming_strings = {conforming}; set backslash_quote = on".encode())
        for _ in range(400):
            inner = ["".join(rng.choices(INNER, k=rng.randrange(1, 9))) + SECRET for _ in range(3)]
            statement = "select {}, {} /* it's */ as a, -- \"\n 7 as b, {}".format(
                *(written(text, rng, conforming=conforming) for text in inner)
            )
            row = session.execute(statement.encode()).fetchone()
            assert row
            assert all(SECRET in row[place] for place in (0, 1, 3)), statement
            for text in (statement, statement[: rng.randrange(len(statement))] + CUT):
                assert SECRET not in holes(text), text
            own = [text for kind, text, _ in tokens(statement) if kind is not Kind.CONSTANT]
            assert "".join(own).startswith("select")
            assert "".join(own).endswith(("select,asa,asb,", "…"))


def test_a_text_that_can_be_read_in_two_ways_is_told_as_far_as_both_agree() -> None:
    either = r"select a, 'x\' , hunter2 , ''', '\' from t"
    assert "hunter2" not in holes(either)
    assert holes(either).startswith("select a ,")
    assert holes(either).endswith("…")
    assert holes(r"select a from t where b like 'x' escape '\'") == "select a from t where b like ? escape ?"
    assert holes(r"select 'it\'s', a from t") == "select ? , a from t", "only a session with escapes can have sent it"
