"""What a fused function tells of its last call: where its kernels came from, and how long it took."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.errors import FuserWarning
from fuser_core.last_run import LastRun

X = np.arange(5.0)


def test_a_miss_and_a_hit_have_their_times(compiler):
    fused = fuse(lambda x: x * 3 - 7)
    assert fused.last_run is None
    fused(X)
    miss = fused.last_run
    assert (miss.cache, miss.direct) == ("compiled", False)
    assert 0 < miss.preparation < miss.seconds
    fused(X)
    hit = fused.last_run
    assert (hit.cache, hit.preparation) == ("hit", 0)
    assert 0 < hit.seconds < miss.seconds


def test_a_function_that_was_called_itself_has_a_time():
    fused = fuse(lambda x: x.tolist())
    with pytest.warns(FuserWarning, match="tolist"):
        fused(X)
    assert (fused.last_run.backend, fused.last_run.cache) == ("python", "none")
    assert fused.last_run.seconds > 0


def test_a_call_that_raised_has_no_time(compiler):
    fused = fuse(lambda x, y: x + y)
    fused(X, X + 1)
    with pytest.raises(ValueError, match="broadcast"):
        fused(X, np.ones(2))
    assert fused.last_run.seconds is None


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (LastRun("b", "r", "hit", direct=True), "b, direct"),
        (LastRun("b", "r", "hit", seconds=0.002), "b, hit, 2.000 ms"),
        (LastRun("b", "r", "hit"), "b, hit"),
        (
            LastRun("b", "r", "compiled", seconds=0.002, preparation=0.001),
            "b, a miss, compiled, 2.000 ms, of which 1.000 to prepare",
        ),
        (
            LastRun("b", "r", "disk", seconds=0.002, preparation=0.001),
            "b, a miss, from the disk cache, 2.000 ms, of which 1.000 to prepare",
        ),
        (LastRun("python", "r", "none", seconds=0.002), "python, not fused, 2.000 ms"),
    ],
)
def test_words(run, words):
    assert str(run) == words
