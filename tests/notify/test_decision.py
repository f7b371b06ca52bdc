"""Messages about decisions: question, link and people; in place when it ends; nothing foreign becomes markup."""

import json
from typing import Any

import pytest

from tests.lab import Lab
from tests.notify.hostile import PIECES
from upkeep.notify import blocks, decision
from upkeep.notify.decision import Told
from upkeep.store.migrate import migrate
from upkeep.store.outbox import Message, claim, delivered, put

TOLD = Told(
    subject="Which logins may do more on shop?",
    target="shop",
    due="Mon 30 Nov 2026 06:00 UTC",
    who="owner or first",
    link="http://airflow.test/dags/decisions/runs/a/tasks/answer/required_actions",
    page="http://airflow.test/upkeep/decision?key=a",
    needed=2,
    called="U0000001",
)
EVERY = [
    decision.asked(TOLD),
    decision.answered(TOLD, "Sign"),
    decision.missed(TOLD),
    decision.withdrawn(TOLD),
    decision.impossible(TOLD),
    decision.reminder(TOLD),
    decision.escalation(TOLD),
]


def text(body: dict[str, Any]) -> str:
    return json.dumps(body["blocks"], ensure_ascii=False)


def test_the_question_says_who_until_when_and_where() -> None:
    message = text(decision.asked(TOLD))
    assert "🟡 *Decision needed: Which logins may do more on shop?*" in message
    assert "To be answered by owner or first, by Mon 30 Nov 2026 06:00 UTC." in message
    assert "0 of 2 signatures." in message
    assert f"<{TOLD.link}|answer in Airflow>" in message
    assert "<@U0000001>" in message


def test_who_has_no_slack_is_named_and_a_name_is_never_a_mention() -> None:
    from dataclasses import replace

    nameless = replace(TOLD, called="", called_name="SRE <!channel>")
    for body in (decision.asked(nameless), decision.reminder(nameless), decision.escalation(nameless)):
        assert "SRE &lt;!channel&gt;" in text(body)
    assert "approved. SRE" in text(decision.escalation(replace(nameless, called_name="SRE"))), "no id, though it looks like one"
    assert "nobody else is on call" in text(decision.escalation(replace(TOLD, called="")))


def test_one_signature_of_two_is_said() -> None:
    from dataclasses import replace

    assert "1 of 2 signatures: owner." in text(decision.asked(replace(TOLD, signed=("owner",))))


@pytest.mark.parametrize(
    ("outcome", "head"),
    [("Sign", "✅ *Signed"), ("Approve", "✅ *Approved"), ("Reject", "🔴 *Rejected"), ("Object", "🔴 *Objected")],
)
def test_what_was_answered_is_said_and_calls_nobody(outcome: str, head: str) -> None:
    message = text(decision.answered(TOLD, outcome))
    assert head in message
    assert "<@" not in message


def test_missed_is_never_approved_and_calls_the_next_on_call() -> None:
    assert "Nothing was approved." in text(decision.missed(TOLD))
    assert "nothing was approved. <@U0000001>" in text(decision.escalation(TOLD))
    assert "nobody else is on call" in text(
        decision.escalation(Told(subject="a", target="b", due="c", who="d", link="", page=""))
    )


@pytest.mark.parametrize("number", range(len(EVERY)))
def test_every_message_keeps_to_slacks_limits(number: int) -> None:
    assert len(EVERY[number]["blocks"]) <= blocks.MOST_BLOCKS
    assert blocks.weight(EVERY[number]["blocks"]) < blocks.MOST_TEXT


@pytest.mark.fault
@pytest.mark.parametrize("word", PIECES)
def test_hostile_words_stay_words(word: str) -> None:
    told = Told(
        subject=word * 50,
        target=word,
        due="now",
        who=word * 50,
        link="http://a",
        page="http://b",
        signed=(word,),
        reason=word * 99,
    )
    for body in (
        decision.asked(told), decision.answered(told, "Object"), decision.missed(told), decision.withdrawn(told),
        decision.impossible(told), decision.reminder(told), decision.escalation(told),
    ):  # fmt: skip
        message = text(body)
        assert "<!" not in message
        assert "<@" not in message
        assert blocks.weight(body["blocks"]) < blocks.MOST_TEXT


def test_the_reminder_is_a_reply_and_the_end_takes_the_place_of_the_question(lab: Lab) -> None:
    migrate(lab.endpoint)
    connection = lab.session()
    put(connection, Message(key="decision/a/1", thread="decision/a/1", kind="summary", body=decision.asked(TOLD)))
    put(connection, Message(key="decision/a/1/reminder", thread="decision/a/1", kind="failure", body=decision.reminder(TOLD)))
    head = claim(connection, editable=True, failures=5)
    assert head
    assert head.key == "decision/a/1"
    delivered(connection, head, {"channel": "C", "ts": "1"})
    reply = claim(connection, editable=True, failures=5)
    assert reply
    assert reply.thread_ts == "1"
    delivered(connection, reply, {"channel": "C", "ts": "2"})
    assert not put(connection, Message(key="decision/a/1", thread="decision/a/1", kind="summary", body=decision.asked(TOLD)))
    assert put(connection, Message(key="decision/a/1", thread="decision/a/1", kind="summary", body=decision.missed(TOLD)))
    again = claim(connection, editable=True, failures=5)
    assert again
    assert again.slack_ref == {"channel": "C", "ts": "1"}
