"""What a risky job would do, for a person to approve: exactly that is done afterwards, or it is asked again."""

from dataclasses import dataclass
from typing import Self

from upkeep.decisions.question import APPROVE, REJECT, Json, Question, digest_of

DIGEST, STEPS = "plan", "steps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """
    `subject` is the question in one line, `markdown` what is shown, `steps` exactly what will be done: ids, names, times, counts.

    Planned again while nothing has changed, the steps must be the same: what moves by itself, such as a size or the present
    moment, stands in the text only. The approval is bound to `digest`.
    """

    subject: str
    markdown: str
    steps: Json

    @property
    def digest(self) -> str:
        """SHA-256, in hex, of what will be done, whatever is said about it."""
        return digest_of(dict(self.steps))

    @property
    def question(self) -> Question:
        """The plan as a person is asked about it."""
        evidence = {DIGEST: self.digest, STEPS: dict(self.steps)}
        return Question(subject=self.subject, body=self.markdown, evidence=evidence, options=(APPROVE, REJECT))

    @classmethod
    def of(cls, question: Question) -> Self:
        """The plan that a question showed."""
        return cls(subject=question.subject, markdown=question.body, steps=question.evidence[STEPS])
