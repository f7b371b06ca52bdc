"""Licences against a policy: expressions, exceptions, choices, spellings; what cannot be read is unknown, never allowed."""

from pathlib import Path

import pytest
import yaml

import upkeep.formats
from upkeep.formats.licences import Policy, Verdict, judge, policy

ALLOW, REVIEW, DENY, UNKNOWN = Verdict.ALLOW, Verdict.REVIEW, Verdict.DENY, Verdict.UNKNOWN


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return policy(
        yaml.safe_load((Path(str(upkeep.formats.__file__)).with_name("licence_policy.yaml")).read_text(encoding="utf-8"))
    )


@pytest.mark.parametrize(
    ("licence", "verdict"),
    [
        ("MIT", ALLOW),
        ("mit", ALLOW),
        ("MIT License", ALLOW),
        ("GPL-3.0-only", DENY),
        ("GPL-2.0", DENY),
        ("GPL-2.0+", DENY),
        ("GPLv3", DENY),
        ("LGPL-3.0-or-later", REVIEW),
        ("MIT OR GPL-3.0-only", ALLOW),
        ("MIT AND GPL-3.0-only", DENY),
        ("GPL-2.0-only OR LGPL-2.1-only", REVIEW),
        ("(MIT OR GPL-2.0-only) AND (Apache-2.0 OR AGPL-3.0-only)", ALLOW),
        ("MIT AND (BSD-3-Clause OR (ISC AND AGPL-3.0-only))", ALLOW),
        ("GPL-3.0-only WITH GCC-exception-3.1", ALLOW),
        ("GPL-2.0-only WITH Classpath-exception-2.0", ALLOW),
        ("GPL-2.0-only WITH Font-exception-2.0", DENY),
        ("Apache-2.0 WITH LLVM-exception", ALLOW),
        ("GPL-2.0-only WITH Classpath-exception-2.0 AND AGPL-3.0-only", DENY),
        ("MIT/Apache-2.0", ALLOW),
        ("GPL-2.0/MIT", ALLOW),
        ("MIT/X11", ALLOW),
        ("Apache License 2.0 OR MIT License", ALLOW),
        ("Apache License, Version 2.0", ALLOW),
        ("GNU General Public License v3 (GPLv3)", DENY),
        ("CC-BY-NC-4.0", DENY),
        ("CC-BY-4.0", REVIEW),
        ("BSD-3-Clause-No-Nuclear-License", ALLOW),
        ("Beerware", REVIEW),
        ("LicenseRef-our-own", REVIEW),
        ("MIT AND LicenseRef-other", REVIEW),
        ("BSD", UNKNOWN),
        ("see LICENSE", UNKNOWN),
        ("MIT AND", UNKNOWN),
        ("((MIT", UNKNOWN),
        ("MIT OR something", UNKNOWN),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("Permission is hereby granted, " * 40, UNKNOWN),
        ("UNLICENSED", UNKNOWN),
        ("<script>alert(1)</script>", UNKNOWN),
        ("MIT OR " * 30 + "MIT", ALLOW),
    ],
)
def test_the_shipped_policy(shipped: Policy, licence: str | None, verdict: Verdict) -> None:
    assert judge(shipped, "PyPI/x", licence).verdict is verdict


def test_what_is_said(shipped: Policy) -> None:
    assert judge(shipped, "PyPI/x", "gplv3").expression == "GPL-3.0-only"
    assert judge(shipped, "PyPI/x", "x" * 500).why == f'"{"x" * 60}…" is no licence that SPDX knows'
    assert judge(shipped, "PyPI/x", None).why == "no licence is said"


def test_a_package_may_be_accepted() -> None:
    rules = policy({"deny": ["GPL-*"], "accepted": {"PyPI/Tool": "runs apart"}})
    assert judge(rules, "PyPI/tool", "GPL-3.0-only").verdict is ALLOW
    assert judge(rules, "PyPI/tool", None).why == "accepted: runs apart"
    assert judge(rules, "npm/tool", "GPL-3.0-only").verdict is DENY


def test_the_nearer_entry_wins() -> None:
    rules = policy({"deny": ["GPL-*"], "review": ["GPL-2.0-*"], "allow": ["GPL-2.0-only", "GPL-3.0-only WITH GCC-exception-3.1"]})
    assert [judge(rules, "x", text).verdict for text in ("GPL-3.0-only", "GPL-2.0-or-later", "GPL-2.0-only")] == [
        DENY,
        REVIEW,
        ALLOW,
    ]
    assert judge(rules, "x", "GPL-3.0-only WITH GCC-exception-3.1").verdict is ALLOW
    assert judge(rules, "x", "GPL-3.0-only WITH Font-exception-2.0").verdict is DENY


@pytest.mark.parametrize(
    ("document", "message"),
    [({"allow": ["MIT"], "deny": ["MIT"]}, "MIT has two verdicts"), ({"allowed": ["MIT"]}, "allowed is no part of a policy")],
)
def test_a_policy_that_cannot_be_read(document: dict[str, list[str]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        policy(document)
