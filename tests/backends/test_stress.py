"""Everything at once: threads that call the same functions, while all that can change does.

Arguments are ever others, what the functions read changes, backends are switched on and off, and functions come and go.
Every answer is NumPy's.
"""

import gc
import random
import time
import weakref

import numpy as np
import pytest

from crowds import together
from fuser_core import fuse, override_can_fuse_on_cpu

CALLS = 150
SCALES = (2.0, 3.0, 5.0)
scale = SCALES[0]

pytestmark = pytest.mark.filterwarnings("ignore::fuser_core.FuserWarning")


def scaled(x, y):
    return x * scale + y


def normalised(x, axis=-1, mode="mean"):
    centre = x.mean(axis, keepdims=True) if mode == "mean" else x.max(axis, keepdims=True)
    return [x - centre, centre]


def powers(x, n):
    return {"power": x**n if n > 2 else x * n, "sum": (x + n).sum()}


class Tagged(np.ndarray):
    """A subclass, which no kernel takes."""


def arrays(rng):
    """Return arrays of many kinds, all of four rows."""
    base = rng.uniform(0.5, 1.5, (4, 6))
    return [
        base,
        base.astype("f4"),
        np.asfortranarray(base),
        base[::-1, ::2],
        base.astype("i4"),
        base[:, :1],
        base.view(Tagged),
        np.ascontiguousarray(base[:, :3]),
    ]


def check(found, expected):
    assert type(found) is type(expected)
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, list):
        for own, other in zip(found, expected, strict=True):
            check(own, other)
        return
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)
    assert found.dtype == expected.dtype


class Callers:
    """Threads that call the functions, and threads that disturb them."""

    def __init__(self):
        self.powers, self.normalised, self.scaled = map(fuse, (powers, normalised, scaled))

    def work(self, number):
        """Do what falls to a thread."""
        if number < 4:
            self.call(number)
        elif number == 4:
            self.change()
        else:
            self.come_and_go()

    def call(self, number):
        choose, kinds = random.Random(number), arrays(np.random.default_rng(number))  # noqa: S311 - no secret
        for _ in range(CALLS):
            x, n, y = choose.choice(kinds), choose.choice([1, 3, 2.5]), choose.choice([1, np.float64(2.0), np.int64(4)])
            axis, mode = choose.choice([0, -1]), choose.choice(["mean", "max"])
            check(self.powers(x, n), powers(x, n))
            check(self.normalised(x, axis=axis, mode=mode), normalised(x, axis, mode))
            found = self.scaled(x, y)
            assert any(np.allclose(found, x * each + y, rtol=1e-5) for each in SCALES)
            kinds[-1] = kinds[-1].reshape(choose.choice([(4, 3), (12,), (2, 6)]))

    def change(self):
        global scale  # noqa: PLW0603 - that it changes is the point
        for step in range(CALLS):
            scale = SCALES[step % len(SCALES)]
            override_can_fuse_on_cpu(step % 10 != 0)

    def come_and_go(self):
        x = np.arange(12.0)
        for step in range(CALLS // 5):
            fused = fuse(lambda x, step=step: x * step + 1)
            gone = weakref.ref(fused)
            for _ in range(4):
                np.testing.assert_array_equal(fused(x), x * step + 1)
            del fused
            for _ in range(500):  # a collection does nothing while another thread is in one
                gc.collect()
                if gone() is None:
                    break
                time.sleep(0.01)
            assert gone() is None


def test_everything_at_once():
    try:
        together(6, Callers().work)
    finally:
        override_can_fuse_on_cpu(True)


def test_arguments_of_changing_types_in_a_loop():
    fused = fuse(lambda x, y: x + y)
    values = [np.ones(3), np.ones(3, "f4"), 2, 2.5, np.float32(1), np.ones((2, 3)), True, np.ones(3, "?"), 1j]
    for _ in range(3):
        for x in values:
            for y in values:
                found, expected = fused(x, y), x + y
                assert type(found) is type(expected)
                np.testing.assert_array_equal(found, expected)
                assert np.asarray(found).dtype == np.asarray(expected).dtype


def test_an_array_that_is_resized_and_retyped_between_calls():
    fused = fuse(lambda x: x * 2 + 1)
    x = np.arange(12.0)
    for _ in range(5):
        np.testing.assert_array_equal(fused(x), x * 2 + 1)
    x.resize(8, refcheck=False)
    np.testing.assert_array_equal(fused(x), x * 2 + 1)
    for dtype in ("i8", "f4", "u2", ">f8", "f8"):
        own = x.view(dtype)
        for _ in range(4):
            np.testing.assert_array_equal(fused(own), own * 2 + 1)
            own += 1
