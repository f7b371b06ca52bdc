"""Plans are kept without the constants in them."""

import json

import pytest

from upkeep.formats.plans import plan_without_constants, query_of
from upkeep.formats.query_shape import without_constants
from upkeep.formats.sql_tokens import CUT

TEXT = """Query Text: select *
from t where name = 'bob (cost='
Query Parameters: $1 = 'bob''s
  x', $2 = '7'
Index Scan using t_pkey on "it's"  (cost=0.15..8.17 rows=1 width=4) (actual time=0.01..0.02 rows=1 loops=1)
  Index Cond: ((id = 4711) AND (name = 'bob
Filter: 4712'::text))
  Rows Removed by Filter: 99
  Buffers: shared hit=3
  ->  Seq Scan on u  (cost=0.00..1.00 rows=1 width=4)
        Filter: (born > '1970-01-02'::date)"""


def test_text_plans() -> None:
    assert query_of(TEXT) == "select *\nfrom t where name = 'bob (cost='"
    plan = plan_without_constants(TEXT)
    assert plan
    for secret in ("bob", "4711", "4712", "1970", "$1"):
        assert secret not in plan
    for kept in (
        'Index Scan using t_pkey on "it\'s"  (cost=0.15..8.17',
        "Removed by Filter: 99",
        "hit=3",
        "((id = ?) AND (name = ?",
    ):
        assert kept in plan


def test_the_program_of_a_foreign_table_is_a_secret() -> None:
    program = "curl -u ann:hunter2 https://example.com"
    text = f"Query Text: select 1\nForeign Scan on f  (cost=0.00..1.00 rows=1 width=4)\n  Foreign Program: {program}\n  Output: a"
    assert plan_without_constants(text) == "Foreign Scan on f  (cost=0.00..1.00 rows=1 width=4)\n  Output: a"
    plan = {"Query Text": "select 1", "Plan": {"Node Type": "Foreign Scan", "Foreign Program": program}}
    assert plan_without_constants(json.dumps(plan)) == '{"Plan": {"Node Type": "Foreign Scan"}}'


def test_json_plans() -> None:
    logged = {
        "Query Text": "select 'bob'",
        "Query Parameters": "$1 = 'bob'",
        "Plan": {
            "Node Type": "Seq Scan",
            "Relation Name": "t",
            "Filter": "(name = 'bob')",
            "Plan Rows": 7,
            "Plans": [{"Output": ["'bob'"]}],
        },
    }
    plan = json.loads(plan_without_constants(json.dumps(logged)) or "")
    assert query_of(json.dumps(logged)) == "select 'bob'"
    assert plan == {
        "Plan": {
            "Node Type": "Seq Scan",
            "Relation Name": "t",
            "Filter": "(name = ?)",
            "Plan Rows": 7,
            "Plans": [{"Output": ["?"]}],
        }
    }


def test_plans_that_cannot_be_read_are_not_kept() -> None:
    for plan in (
        "Query Text: 'bob", '{"Query Text": "bob', "<explain>bob</explain>", "Query Text: 'bob\nSeq Sc", "",
        'Query Text: "select \'bob', 'Query Text: "select \'bob\'"\nQuery Param', "<explain><Query-Text>bob",
    ):  # fmt: skip
        assert plan_without_constants(plan) is None


def test_a_plan_cut_inside_a_constant() -> None:
    cut = TEXT[: TEXT.index("1970") + 2]
    assert "19" not in (plan_without_constants(cut) or "")


YAML = r"""Query Text: "select \"a\" from t\nwhere b = 'bob'"
Query Parameters: "$1 = 'bob'"
Plan: 
  Node Type: "Index Scan"
  Parallel Aware: false
  Alias: "t"
  Startup Cost: 0.15
  Index Cond: "((id = 4711) AND (name = 'bob\"s'::text))"
  Output: 
    - "a"
    - "'bob'::text"
  Plans: 
    - Node Type: "Seq Scan"
      Filter: "(born > '1970-01-02'::date)"
      Rows Removed by Filter: 99
Query Identifier: 4711"""  # noqa: W291 - as the server writes it
XML = """<explain xmlns="http://www.postgresql.org/2009/explain">
  <Query-Text>select "a" from t
where b &lt;&gt; 'bob'</Query-Text>
  <Plan>
    <Node-Type>Index Scan</Node-Type>
    <Alias>t</Alias>
    <Startup-Cost>0.15</Startup-Cost>
    <Index-Cond>((id &lt; 4711) AND (name = 'bob
s'::text))</Index-Cond>
    <Output>
      <Item>'bob'::text</Item>
    </Output>
    <Rows-Removed-by-Filter>99</Rows-Removed-by-Filter>
  </Plan>
  <Query-Identifier>4711</Query-Identifier>
</explain>"""


@pytest.mark.parametrize(
    ("logged", "statement", "kept"),
    [
        (
            YAML,
            "select \"a\" from t\nwhere b = 'bob'",
            ('Node Type: "Index Scan"', "Cost: 0.15", "((id = ?) AND (name = ?::text))", "99"),
        ),
        (XML, "select \"a\" from t\nwhere b <> 'bob'", ("<Node-Type>Index Scan<", "<Startup-Cost>0.15<", "(id &lt; ?)", "99")),
    ],
)
def test_plans_in_yaml_and_xml(logged: str, statement: str, kept: tuple[str, ...]) -> None:
    assert query_of(logged) == statement
    plan = plan_without_constants(logged) or ""
    assert all(part in plan for part in kept), plan
    assert not [secret for secret in ("bob", "4711", "1970") if secret in plan], plan


@pytest.mark.parametrize(
    "logged", [TEXT, YAML, XML, json.dumps({"Query Text": "select 'bob' from t", "Plan": {"Filter": "(a = 'bob')"}})]
)
def test_a_plan_cut_anywhere_shows_no_constant(logged: str) -> None:
    for end in range(len(logged)):
        cut = logged[:end] + CUT
        shown_ = (plan_without_constants(cut) or "") + without_constants(query_of(cut) or "")
        assert "bob" not in shown_, logged[:end]
        assert "4711" not in shown_, logged[:end]


def test_a_statement_that_holds_what_looks_like_a_plan() -> None:
    node = "Seq Scan on x  (cost=0.00..1.00 rows=1 width=4)"
    for statement in (
        f"select 'a\n{node}\nbob', 4711, b from t",
        f"select 4711 /*\n{node}\n bob */ from t",
        f"select $$\n{node}\n bob's $$, 'bob' from t",
        f"select E'\\'\n{node}\n bob', \"it's\" from t",
        f"select 'bob\\'\n, '\n{node}\nbob', ''",
    ):
        logged = f"Query Text: {statement}\n{TEXT[TEXT.index('Index Scan') :]}"
        assert query_of(logged) in {statement, "select 'bob\\'\n, '"}, "backslashes can be read in two ways: then a part of it"
        assert "bob" not in without_constants(statement) + (plan_without_constants(logged) or "")
