"""The logistic model behind the recognition of items: the same coefficients wherever the search for them begins."""

from __future__ import annotations

import numpy as np
import pytest

from transforms.recognise import model


@pytest.mark.parametrize("near", [None, [-0.9, 1.8, 0.1], [-20.0, 20.0, 20.0], [19.0, 0.0, 0.0]])
def test_the_least_loss_is_found_from_anywhere_and_within_bounds(near: list[float] | None) -> None:
    draw = np.random.default_rng(4)
    x = np.concatenate([np.ones((800, 1)), draw.normal(size=(800, 2))], axis=1)
    # The second column speaks against; its coefficient may not.
    odds = x @ np.array([-1.0, 2.0, -0.5])
    truth = (draw.random(800) < 1 / (1 + np.exp(-odds))).astype(float)
    pull, low, high = np.full(3, 0.1), np.array([-20.0, 0.0, 0.0]), np.full(3, 20.0)
    start = None if near is None else np.array(near)
    found = model.newton(x, truth, np.ones(800), pull, np.zeros(3), low, high, near=start)
    chance = 1 / (1 + np.exp(-(x @ found)))
    slope = x.T @ (chance - truth) + pull * found
    assert np.abs(slope[:2]).max() < 1e-3
    assert found[2] == 0 and slope[2] > 0
    assert 1.5 < found[1] < 2.5
