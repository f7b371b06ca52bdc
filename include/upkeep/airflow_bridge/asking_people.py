"""Operators that ask a person: who may answer, what is shown, what is kept, and what silence means."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException, TaskAwaitingInput

from upkeep.airflow_bridge import connections, decision_messages
from upkeep.airflow_bridge.decision_messages import now
from upkeep.config.inventory import current
from upkeep.decisions.decision import LOOK_EVERY, Signature, Standing, Status, person_of
from upkeep.decisions.form import Entered, consequences, problems
from upkeep.decisions.people import Signer, Signers, signers, without
from upkeep.decisions.question import Field, FieldKind, Question
from upkeep.store import decisions
from upkeep.store.answers import connected
from upkeep.store.decisions import OBJECT, NotOpenError

SHOWN = "shown"
"""XCom key: the digest of the question that was shown, to which the answer is bound."""
log = logging.getLogger(__name__)


class UnfitAnswerError(ValueError):
    """An answer that does not fit the form. Airflow took it, we do not: the person is asked again."""


class AskingOperator(HITLOperator):
    """
    Asks a decision of the report database.

    Killed anywhere and tried again, it asks the same; what was answered is not asked again. `place` is 1 for who decides and 2
    for who countersigns.
    """

    place = 1

    def __init__(self, **more: Any) -> None:
        # How long it really waits depends on the decision; without a word here Airflow takes the limit of the work for it.
        super().__init__(**{"subject": "?", "response_timeout": LOOK_EVERY, **more})

    def key_of(self, context: Any) -> str:
        """Key of the decision."""
        raise NotImplementedError

    def question_of(self, standing: Standing, signed: list[Signature]) -> Question:
        """What this operator shows."""
        del signed
        return standing.decision.question

    def people_of(self, standing: Standing, signed: list[Signature]) -> list[Signer]:
        """Who may answer here."""
        return without(standing.signers, [user for each in signed for user in (each.user, each.user_id)])

    def execute(self, context: Any) -> Any:
        """Show the question and wait; go on at once when it was answered before."""
        key = self.key_of(context)
        with connected(connections.store(), "upkeep decision") as store:
            standing = self._begin(store, key, context["ti"])
            signed = decisions.signatures(store, key)
            done = next((each for each in signed if each.place == self.place), None)
            decision_messages.tell(store, standing)
        decision_messages.deliver()
        _end_if_over(standing)
        if done:
            return self.finish(context, standing, payload(done))
        self._present(self.question_of(standing, signed), self.people_of(standing, signed))
        context["ti"].xcom_push(key=SHOWN, value=standing.digest)
        self.response_timeout = standing.wake_in(now())
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Keep what was answered, or see to what is due."""
        if event.get("error_type") == "timeout":
            return self._woken(self.key_of(context))
        if "error" in event:
            return super().execute_complete(context, event)
        with connected(connections.store(), "upkeep decision") as store:
            standing = self._keep(store, self.key_of(context), context["ti"].xcom_pull(task_ids=self.task_id, key=SHOWN), event)
            decision_messages.tell(store, standing)
        decision_messages.deliver()
        return self.finish(context, standing, event)

    def finish(self, context: Any, standing: Standing, event: Mapping[str, Any]) -> Any:  # noqa: ARG002 - subclasses look at it
        """What the task ends with. An objection ends it red: a person is needed."""
        if standing.outcome == OBJECT:
            raise AirflowFailException(
                f"objected: {standing.reason or 'no reason was given'}. Clear the task answer to ask again"
            )
        return {name: event[name] for name in ("chosen_options", "params_input", "responded_at", "responded_by_user")}

    def _begin(self, store: Any, key: str, ti: Any) -> Standing:
        found = decisions.standing(store, key)
        decision, over = found.decision, found.status in {Status.ANSWERED, Status.WITHDRAWN} and found.outcome != OBJECT
        if over:
            return found
        able = signers(
            current().settings.people,
            current().target(decision.subject.target).owner,
            needed=decision.needed,
            asked_by=decision.asked_by,
        )
        _refuse_too_few(store, key, able)
        return decisions.ask(store, key, able.people, (ti.dag_id, ti.run_id, ti.task_id), now(), anew=self.place == 1)

    def _present(self, question: Question, people: list[Signer]) -> None:
        self.subject, self.body, self.options = question.subject, question.body, list(question.options)
        self.params = ParamsDict({field.name: _param(field) for field in question.fields})
        self.assigned_users = [{"id": each.user_id, "name": each.user} for each in people] or None

    def _keep(self, store: Any, key: str, shown: str, event: Mapping[str, Any]) -> Standing:
        standing, signed = decisions.standing(store, key), decisions.signatures(store, key)
        question = self.question_of(standing, signed[: self.place - 1])
        entered = Entered(event["chosen_options"][0], event["params_input"] or {})
        if wrong := problems(question, entered, [each.name for each in current().settings.people]):
            raise UnfitAnswerError("this answer cannot be kept, so it is asked again: " + "; ".join(wrong))
        try:
            decisions.sign(store, key, _signature(self.place, shown, standing, entered, event))
        except NotOpenError:
            _end_if_over(standing)
            raise
        return _concluded(store, key, entered)

    def _woken(self, key: str) -> None:
        at = now()
        with connected(connections.store(), "upkeep decision") as store:
            standing = decisions.standing(store, key)
            if standing.status is Status.OPEN and at >= standing.due_at:
                decisions.close(store, key, Status.MISSED, at, reason="nobody answered in time")
                standing = decisions.standing(store, key)
            elif standing.reminder_due(at):
                decision_messages.remind(store, standing)
                decisions.remind(store, key, at)
            decision_messages.tell(store, standing)
        decision_messages.deliver()
        _end_if_over(standing)
        raise TaskAwaitingInput(method_name="execute_complete", timeout=standing.wake_in(at))


def payload(signature: Signature) -> dict[str, Any]:
    """A signature as Airflow hands on an answer."""
    return {
        "chosen_options": [signature.option],
        "params_input": dict(signature.values),
        "responded_at": signature.answered_at,
        "responded_by_user": {"id": signature.user_id, "name": signature.user},
    }


def _concluded(store: Any, key: str, entered: Entered) -> Standing:
    """End the decision when everybody who is needed has signed, or somebody objected."""
    standing, signed = decisions.standing(store, key), decisions.signatures(store, key)
    first = Entered(signed[0].option, signed[0].values)
    if entered.option == OBJECT:
        reason = f"{signed[-1].person} objected: {entered.values.get('comment') or 'no reason was given'}"
        decisions.close(store, key, Status.ANSWERED, signed[-1].answered_at, outcome=OBJECT, reason=reason)
    elif len(signed) >= standing.decision.needed:
        follows = consequences(standing.decision.question, first)
        decisions.close(store, key, Status.ANSWERED, signed[-1].answered_at, outcome=first.option, consequences=follows)
    return decisions.standing(store, key)


def _end_if_over(standing: Standing) -> None:
    """Skipped when it was withdrawn, red when it was missed."""
    if standing.status is Status.WITHDRAWN:
        raise AirflowSkipException(f"withdrawn: {standing.reason}")
    if standing.status is Status.MISSED:
        due = f"{standing.due_at:%Y-%m-%d %H:%M} UTC"
        raise AirflowFailException(
            f"missed: nobody answered by {due}. Nothing was approved. Clear the task that asks first to ask again"
        )


def _refuse_too_few(store: Any, key: str, able: Signers) -> None:
    if able.enough:
        return
    reason = f"{able.needed} different people must sign, and only {able.people[0].name} may"
    remedy = "give the owner and people on call their `airflow` user in the inventory, and clear this task"
    decision_messages.tell(store, decisions.standing(store, key), problem=f"{reason}: {remedy}")
    decision_messages.deliver()
    raise AirflowFailException(f"{reason}: {remedy}")


def _signature(place: int, shown: str, standing: Standing, entered: Entered, event: Mapping[str, Any]) -> Signature:
    user = event["responded_by_user"] or {}
    name, user_id, at = str(user.get("name") or user.get("id") or ""), str(user.get("id") or ""), event["responded_at"]
    return Signature(
        place=place,
        option=entered.option,
        values=entered.values,
        user=name,
        user_id=user_id,
        person=person_of(standing.signers, name, user_id),
        answered_at=at if isinstance(at, datetime) else datetime.fromisoformat(str(at)),
        digest=shown,
    )


def _param(field: Field) -> Param:
    schema: dict[str, Any] = {"type": "string" if field.required else ["null", "string"]}
    choices = [p.name for p in current().settings.people] if field.kind is FieldKind.PERSON else list(field.choices)
    if choices:
        schema["enum"] = choices if field.required else [*choices, None]
    if field.kind is FieldKind.DATE:
        schema["format"] = "date"
    return Param(field.default, title=field.title, description=field.description or None, source="task", **schema)
