"""Shapes: no constant survives, like statements are one, and nothing that is sent has no shape."""

import random
import re

import pytest

from tests.growth import cpu_seconds
from tests.lab import Lab
from upkeep.formats import query_shape
from upkeep.formats.query_shape import fingerprint, shown, without_constants

SEED = 20_261_126
TEMPLATES = (
    "select * from orders where id = {} and name like {}",
    "SELECT o.a, o.b FROM public.orders o JOIN lines l ON l.id = o.id WHERE l.x BETWEEN {} AND {} ORDER BY 1 LIMIT {}",
    "insert into orders (id, name) values ({}, {}) on conflict (id) do update set name = excluded.name || {}",
    "update orders set name = {}, price = price * {} where not gone and id = any (array[{}, {}])",
    "with recent as (select id from orders where at > interval {text}) delete from lines where id in (select id from recent)",
    "select case when a = {} then {} else b end, f(c, {})::text from orders where data ->> {} = {}",
    "copy orders (id) from {text}",
    "call settle({}, {})",
)
WORDS = (
    "orders",
    "lines",
    "name",
    "price",
    "recent",
    "settle",
    "public",
    "data",
    "like",
    "between",
    "conflict",
    "excluded",
    "copy",
)
PIECES = (
    "a", "B", "in (", "(", ")", ",", ", ", "1", "-2", "'x'", "e'\\''", "$1", "$$y$$", '"q"', "null", "values", "select", "::text",
    " ", "\n", "-- c\n", "+", "is", ".5", "[", "]", ";", "row", "1, 2, 3, 4", "('a', 1), ('b', 2)", "'", '"', "fetch", "c1",
)  # fmt: skip
HOSTILE = "bob's -- \"/*$$;\\ $x$ ?,(1) 4711 */ E'"


def text_constant(rng: random.Random) -> str:
    """A string in one of the ways to write it, with what might end it in it."""
    inner = "".join(rng.sample(HOSTILE, rng.randrange(len(HOSTILE)))) + "bob"
    doubled, tag = inner.replace("'", "''"), rng.choice(["$b$", "$Tag_1$"])
    escaped = inner.replace("\\", "\\\\").replace("'", rng.choice(["\\'", "''"]))
    without = doubled.replace("\\", "")
    ways = [f"'{doubled}'", f"U&'{without}'", f"{tag}{inner.replace('$', '')}{tag}", f"E'{escaped}'", f"n'{doubled}'"]
    return rng.choice(ways)


def constant(rng: random.Random) -> str:
    """One of any kind."""
    plain = [str(rng.randrange(10**9)), f"-{rng.random() * 1000}", "0x1F", "1_000", "1e-5", ".5", "NULL", "true", "$17"]
    return rng.choice([*plain, *(text_constant(rng) for _ in plain)])


def filled(statement: str, rng: random.Random) -> str:
    """With constants for its marks."""
    return re.sub("[\x01\x02]", lambda mark: constant(rng) if mark[0] == "\x01" else text_constant(rng), statement)


def disguised(statement: str, rng: random.Random) -> str:
    """The same with other white space, comments and letter case."""
    gaps = [" ", "\n\t", "  ", " -- it's /* a \"comment\n", " /* traceparent='00-4711' /* nested */ */ ", " \r\n"]
    spaced = re.sub(" ", lambda _: rng.choice(gaps), statement)
    return spaced if rng.random() < 0.5 else spaced.swapcase()


@pytest.mark.parametrize("template", TEMPLATES)
def test_other_constants_and_spaces_are_the_same_shape(template: str) -> None:
    rng = random.Random(SEED)  # noqa: S311 - made-up statements
    found = set()
    for _ in range(150):
        statement = filled(disguised(template.replace("{}", "\x01").replace("{text}", "\x02"), rng), rng)
        found.add(fingerprint(statement))
        for text in (shown(statement), without_constants(statement)):
            assert "bob" not in text.lower(), statement
            assert "4711" not in text
    assert len(found) == 1, template


@pytest.mark.parametrize("template", TEMPLATES)
def test_another_name_is_another_shape(template: str) -> None:
    statement = template.replace("{}", "7").replace("{text}", "'7'")
    usual, changed = fingerprint(statement), 0
    for word in WORDS:
        other = re.sub(rf"\b{word}\b", f"{word}_", statement, count=1, flags=re.IGNORECASE)
        changed += other != statement
        assert (fingerprint(other) == usual) == (other == statement), other
    assert changed


def test_the_quick_way_and_the_slow_way_agree() -> None:
    rng = random.Random(SEED)  # noqa: S311 - made-up statements
    for _ in range(3000):
        text = "".join(rng.choices(PIECES, k=rng.randrange(1, 25)))
        quick = fingerprint(text)
        assert quick == query_shape._fingerprint(text), text  # noqa: SLF001 - what is remembered must be right
    assert len(query_shape._remembered) <= query_shape.MOST_REMEMBERED  # noqa: SLF001


@pytest.mark.parametrize(
    ("one", "other", "text"),
    [
        ("select * from t where id in (1, 2)", "select  *\nfrom t where id in (3,4,5) -- x", "select * from t where id in (?)"),
        ("select a from t where b in ($1)", "SELECT a FROM t WHERE b IN ($1, $2, -3, null)", "select a from t where b in (?)"),
        (
            "delete from t where c in ('a'::text)",
            "delete from t where c in ('a'::text, 'b'::text)",
            "delete from t where c in (?::text)",
        ),
        (
            "insert into t values (1, now())",
            "insert into t values (1, now()), (2, now()),(3,now());",
            "insert into t values (?, now())",
        ),
        (
            "insert into t values (1, 'a') on conflict do nothing",
            "insert into t values (1, 'a'), (2, 'b') on conflict do nothing",
            "insert into t values (?) on conflict do nothing",
        ),
        ("select array[1]", "select array[1, 2, 3]", "select array[?]"),
        ("select a from t where b = -1", "select a from t where b=1", "select a from t where b = ?"),
        ("select 'a'\n'b'", "select 'c'", "select ?"),
        ("savepoint sa_savepoint_1", "savepoint sa_savepoint_22", "savepoint sa_savepoint_?"),
        ("rollback to savepoint s1", "ROLLBACK TO SAVEPOINT s23", "rollback to savepoint s?"),
        ("fetch forward 100 from c_17", "fetch forward 50 from c_1", "fetch forward ? from c_?"),
        ('close "<unnamed portal 5>"', 'close "<unnamed portal 61>"', 'close "<unnamed portal ?>"'),
        ("deallocate pdo_stmt_0000001a", "deallocate pdo_stmt_000000b2", "deallocate pdo_stmt_?"),
        ("execute find_user_3(7, 'bob')", "execute find_user_4(8, 'eve')", "execute find_user_?(?)"),
        (
            "update t set a = 1 where current of c_1",
            "update t set a = 2 where current of c_2",
            "update t set a = ? where current of c_?",
        ),
        ("prepare s_1 as select a1 from t2", "prepare s_2 as select a1 from t2", "prepare s_? as select a1 from t2"),
        (
            "declare c_1 cursor for select a1 from t1",
            "declare c_9 cursor for select a1 from t1",
            "declare c_? cursor for select a1 from t1",
        ),
        ("selct 'a' frm t (1,2)", "SELCT 'b'  frm t (3)", "selct ? frm t (?)"),
    ],
)
def test_of_one_shape(one: str, other: str, text: str) -> None:
    assert fingerprint(one) == fingerprint(other)
    assert shown(one) == text
    assert shown(other).lower().replace("b=?", "b = ?").replace("),(", "), (") == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select a from t", "select a, a from t"),
        ("select f(a, 1)", "select f(a)"),
        ("select a - 1 from t", "select a from t"),
        ("select * from t where a is null", "select * from t where a is not null"),
        ("select * from t where a = 1", "select * from t where a < 1"),
        ('select "A" from t', "select a from t"),
        ("select 1 + a, 2 from t", "select 2 from t"),
        ("selct 'a' frm t", "selct 'a' frm u"),
        ("execute find_user_1", "execute find_order_1"),
        ("select a1 from t", "select a2 from t"),
        ("values (1, now())", "values (1, now(), 2)"),
        ("select größe from t", "select GRÖSSE from t"),
    ],
)
def test_of_two_shapes(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


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
def test_without_constants(statement: str, text: str) -> None:
    assert without_constants(statement) == text


def test_statements_that_the_server_counts_as_one_are_one_shape(lab: Lab) -> None:
    with lab.session() as session:
        if session.info.server_version < 140000:
            pytest.skip("it tells no query id before version 14")
    lab.run("create table t (a int, b text, c bool)")
    alike = (
        "select a from t where b = '{}' and a = {} and c = {} limit {}",
        "update t set b = '{}', a = a - {}, c = {} where a < {}",
    )
    values = ((1, 2, "true", 3), ("it''s", -4, "false", 50), ("", 0, "null", 1))
    for template in alike:
        statements = [template.format(*v) for v in values]
        assert len({query_id(lab, s) for s in statements}) == 1
        assert len({fingerprint(s) for s in statements}) == 1
    assert query_id(lab, "select a from t") != query_id(lab, "select b from t")


def query_id(lab: Lab, statement: str) -> int:
    with lab.session() as session:
        session.execute("set compute_query_id = on")
        row = session.execute(f"explain (verbose, format json) {statement}".encode()).fetchone()
    return int(row[0][0]["Query Identifier"]) if row else 0


@pytest.mark.parametrize(
    "text",
    [
        "", "\x00", "(" * 30_000, "'" * 9_999, "/*" * 5_000, "\ud800", "select " + "1," * 50_000 + "1",
        "(1," * 30_000,
        "values " + "(1, a), " * 12_000, "(" * 25_000 + "1" + ")" * 25_000, "$a$" * 30_000, "-" * 100_000,
        "fetch " + "1a" * 50_000 + "z",
        "select a from t where b in (" + ",".join(f"'x{i}'" for i in range(12_000)) + ")", ";" * 100_000,
        "a is not null," * 7_000,
    ],
    ids=lambda text: f"{text[:12]!a} {len(text)}",
)  # fmt: skip
def test_hostile_texts_of_a_hundred_kilobytes(text: str) -> None:
    def read(text: str) -> None:
        assert len(fingerprint(text)) == 16
        assert len(shown(text)) <= 500

    usual = "select a, b from t where c = 1 and d in (2, 3) "
    limit = 20 * cpu_seconds(lambda: read(usual * (100_000 // len(usual))))
    assert cpu_seconds(lambda: read(text)) < limit


def test_every_beginning_of_a_statement_has_a_shape_without_constants() -> None:
    whole = "select a /* it's */ from t where b in (1, 'bob''s', E'\\'bob', $x$bob$x$) -- bob\n and \"c\" = 'bob';"
    for end in range(len(whole)):
        assert len(fingerprint(whole[:end])) == 16
        assert "bob" not in shown(whole[:end]) + without_constants(whole[:end])
