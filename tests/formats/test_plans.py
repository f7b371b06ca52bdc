"""Plans are kept without the constants in them."""

import json

from upkeep.formats.plans import plan_without_constants, query_of

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
    for plan in ("Query Text: 'bob", '{"Query Text": "bob', "<explain>bob</explain>", "Query Text: 'bob\nSeq Sc", ""):
        assert plan_without_constants(plan) is None


def test_a_plan_cut_inside_a_constant() -> None:
    cut = TEXT[: TEXT.index("1970") + 2]
    assert "19" not in (plan_without_constants(cut) or "")
