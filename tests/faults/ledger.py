"""What visitors were told, noted by themselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """What one person was told, and between which moments (seconds of a clock that all processes share)."""

    event: int
    person: int
    outcome: str
    asked: float
    answered: float


def outcomes(answers: Iterable[Answer]) -> dict[str, int]:
    """How often each outcome was told."""
    return dict(Counter(answer.outcome for answer in answers))


def overtaken(answers: Iterable[Answer], places: dict[int, int]) -> list[tuple[Answer, Answer]]:
    """Those who had their answer before another asked, and stand behind that one all the same.

    Places say where each person stands: lower is better, the same place is nobody's harm.
    """
    by_answer = sorted(answers, key=lambda answer: answer.answered)
    by_question = sorted(by_answer, key=lambda answer: answer.asked)
    found, position, last = [], 0, None
    for later in by_question:
        while by_answer[position].answered < later.asked:
            earlier = by_answer[position]
            if last is None or places[earlier.person] > places[last.person]:
                last = earlier
            position += 1
        if last is not None and places[later.person] < places[last.person]:
            found.append((last, later))
    return found
