"""Decisions for an auditor: as JSON and as Markdown, with the hashes worked out anew and compared."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from upkeep.decisions.decision import Signature
from upkeep.decisions.markdown import code, plain
from upkeep.decisions.question import digest_of

HOW = (
    "digest is the SHA-256 of the question as JSON with sorted keys and no spaces, in UTF-8. sha256 of a signature is that of "
    "its place, option, values, user, user_id, person, answered_at, digest and previous in the same form; previous is the sha256 "
    "of the signature before it in its round, or empty. unchanged says that both were worked out anew and are the same."
)
_SIGNATURE = ("place", "option", "values", "user", "user_id", "person", "answered_at", "digest", "previous")
_PLAIN = (
    "key", "kind", "duty", "target", "window_start", "window_end", "run", "status", "outcome", "reason", "needed", "round",
    "asked_by", "opened_at", "asked_at", "due_at", "closed_at", "dag_id", "run_id", "task_id", "digest", "question", "patch",
    "result_ok", "result", "result_at",
)  # fmt: skip
_ITEM = ("number", "title", "remedy", "object", "owner", "due_on", "done_at")


def record(decision: Any, signatures: Iterable[Any], items: Iterable[Any]) -> dict[str, Any]:
    """One decision with all its signatures and the work that followed, as plain JSON. Rows have the columns as attributes."""
    return {
        **{name: _json(getattr(decision, name)) for name in _PLAIN},
        "unchanged": digest_of(decision.question) == decision.digest,
        "may_answer": [each["name"] for each in decision.signers],
        "signatures": list(_signatures(signatures)),
        "action_items": [{name: _json(getattr(each, name)) for name in _ITEM} for each in items],
    }


def markdown(records: Iterable[Mapping[str, Any]]) -> str:
    """The same for people, a section each."""
    found = list(records)
    parts = ["# Decisions", "", f"{len(found)} in all. {HOW}", ""]
    for each in found:
        parts += [*_section(each), ""]
    return "\n".join(parts)


def _signatures(rows: Iterable[Any]) -> Iterator[dict[str, Any]]:
    before: tuple[Any, str] = (None, "")
    for row in rows:
        again = Signature(**{name: getattr(row, name) for name in _SIGNATURE})
        chained = row.previous == (before[1] if before[0] == row.round else "")
        same = again.sha256 == row.sha256 and digest_of(row.question) == row.digest
        before = (row.round, row.sha256)
        fields = {name: _json(getattr(row, name)) for name in ("round", *_SIGNATURE, "sha256", "question")}
        yield {**fields, "unchanged": same and chained}


def _section(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {plain(one['question']['subject'])}"
    yield ""
    yield f"* {one['kind']} of {plain(one['duty'])} about {plain(one['target'])}, {one['window_start']} to {one['window_end']}"
    ended = f" on {one['closed_at']}" if one["closed_at"] else ""
    reason = f": {plain(one['reason'])}" if one["reason"] else ""
    yield f"* **{one['status']}**{', ' + plain(one['outcome']) if one['outcome'] else ''}{ended}{reason}; due {one['due_at']}"
    yield f"* key {code(one['key'])}, digest {code(one['digest'])}, {_whether(one)}"
    if one["result"]:
        yield f"* result: {'done and verified' if one['result_ok'] else 'not as approved'}, {plain(one['result'])}"
    for signed in one["signatures"]:
        yield f"* {_signed(signed)}"
    for item in one["action_items"]:
        state = f"done {item['done_at']}" if item["done_at"] else "to be done"
        yield f"* work: {plain(item['title'])}, {plain(item['owner'])} by {item['due_on']}, {state}"


def _signed(one: Mapping[str, Any]) -> str:
    values = ", ".join(f"{plain(name)} {code(str(value))}" for name, value in sorted(one["values"].items()) if value)
    entered = f": {values}" if values else ""
    who = f"{plain(one['person'])} (user {code(one['user'])}, id {code(one['user_id'])})"
    return (
        f"round {one['round']}, signature {one['place']}: **{plain(one['option'])}** by {who} on {one['answered_at']}{entered}; "
        f"evidence {code(one['digest'])}, signature {code(one['sha256'])}, {_whether(one)}"
    )


def _whether(one: Mapping[str, Any]) -> str:
    return "unchanged" if one["unchanged"] else "**changed since**"


def _json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
