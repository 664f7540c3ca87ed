"""Answers improve the chances of the pairs still open, and the pairs worth asking about are asked first."""

from __future__ import annotations

import numpy as np
import pytest

from transforms.review.learning import Learner


def generated(seed: int, pairs: int = 300):
    """Pairs whose score misjudges the evidence: form and strength decide, the score believes in the label."""
    rng = np.random.default_rng(seed)
    names = ["label", "strength", "form", "parent", "noise"]
    x = rng.normal(size=(pairs, len(names)))
    weighed = 1.5 * x[:, 0] + 5.0 * x[:, 1] + 4.0 * x[:, 2] + 1.5 * x[:, 3] - 1.0
    truth = rng.random(pairs) < 1 / (1 + np.exp(-weighed))
    score = 1 / (1 + np.exp(-(1.2 * x[:, 0] + 0.4 * x[:, 3])))
    return score.tolist(), [dict(zip(names, row, strict=True)) for row in x.tolist()], truth.tolist()


def answers_needed(seed: int, goal: float, next_one) -> int:
    """How many answers until so large a share of all pairs is judged as it is, at the middle."""
    scores, evidence, truth = generated(seed)
    learner, open_pairs = Learner(scores, evidence), list(range(len(scores)))
    for number in range(len(scores) + 1):
        chances = learner.chances()
        right = sum((c.same > 0.5) == t for c, t in zip(chances, truth, strict=True))
        if right >= goal * len(truth):
            return number
        chosen = next_one(chances, open_pairs)
        open_pairs.remove(chosen)
        learner.answer(chosen, float(truth[chosen]))
    return len(scores)


def test_the_most_informative_question_first_needs_fewer_answers_than_random_order() -> None:
    informed, at_random = [], []
    for seed in range(8):
        rng = np.random.default_rng(1000 + seed)
        informed.append(
            answers_needed(seed, 0.88, lambda chances, rest: max(rest, key=lambda i: chances[i].informative))
        )
        at_random.append(answers_needed(seed, 0.88, lambda _, rest, rng=rng: int(rng.choice(rest))))
    assert np.median(informed) < 0.8 * np.median(at_random), (informed, at_random)


def test_without_an_answer_the_score_decides_and_with_answers_the_rest_is_judged_better() -> None:
    scores, evidence, truth = generated(3)
    learner = Learner(scores, evidence)
    before = learner.chances()
    assert [c.same > 0.5 for c in before] == [s > 0.5 for s in scores]
    for i in range(60):
        learner.answer(i, float(truth[i]))

    def loss(chances):
        return -np.mean([np.log(c.same if t else 1 - c.same) for c, t in zip(chances[60:], truth[60:], strict=True)])

    assert loss(learner.chances()) < 0.75 * loss(before)


def test_an_answer_taken_back_leaves_no_trace() -> None:
    scores, evidence, _ = generated(5, 40)
    learner = Learner(scores, evidence)
    before = learner.chances()
    learner.answer(3, 1.0)
    assert learner.chances() != before
    learner.answer(3, None)
    assert learner.chances() == before


@pytest.mark.parametrize("evidence", [[{}, {}], [{"same": 1.0}, {"same": 1.0}], [{"big": 1e9}, {"big": -1e9}]])
def test_evidence_that_tells_nothing_or_is_huge_does_no_harm(evidence) -> None:
    learner = Learner([0.0, 1.0], evidence)
    for _ in range(2):
        learner.answer(0, 1.0)
        learner.answer(1, 0.0)
        assert all(0 < c.same < 1 and np.isfinite(c.informative) for c in learner.chances())


def test_no_pairs_are_no_pairs() -> None:
    assert Learner([], []).chances() == []
