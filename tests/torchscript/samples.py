"""Sample arguments for scripted functions: the name of a parameter says what it is given."""

import numpy as np

NAN, INF = float("nan"), float("inf")
_FLOATS = [[0.5, -1.25, 2.0, NAN], [INF, -INF, -0.0, 3.75], [1e-20, 100.0, -7.5, 0.1]]
_OTHER = [[2.0, 0.25, -3.0, 1.0], [2.5, NAN, 7.0, -0.5], [0.0, 1.5, 0.75, INF]]
_TAME = [[0.3, -0.7, 0.95, -0.2], [0.55, -0.05, 0.6, 0.8], [-0.9, 0.15, -0.45, 0.4]]
_INTEGERS = [[3, -4, 7, 0], [1, -1, 5, 12], [-8, 2, 100, -3]]
_DIVISORS = [[2, 3, -2, 5], [-3, 4, 2, -5], [3, 1, 7, 2]]
_MASK = [[True, False, True, True], [False, False, True, False], [True, True, False, False]]

SAMPLES = {
    "x": np.array(_FLOATS, np.float32),
    "y": np.array(_OTHER, np.float32),
    "z": np.array(_TAME, np.float32),
    "a": np.array(_FLOATS, np.float64),
    "b": np.array(_OTHER, np.float64),
    "c": np.array(_TAME, np.float64),
    "h": np.array(_TAME, np.float16),
    "i": np.array(_INTEGERS, np.int64),
    "j": np.array(_DIVISORS, np.int64),
    "r": np.array(_DIVISORS, np.int32),
    "u": np.array(_MASK, np.uint8) * np.uint8(200) + np.uint8(7),
    "m": np.array(_MASK),
    "n": ~np.array(_MASK).T.reshape(3, 4),
    "row": np.array([1.5, -2.0, 0.0, 4.0], np.float32),
    "column": np.array([[0.5], [-1.0], [3.0]], np.float32),
    "cube": np.arange(30, dtype=np.float32).reshape(2, 3, 5) / 8 - 1,
    "even": np.arange(24, dtype=np.float32).reshape(4, 6) / 4 - 3,
    "none": np.empty(0, np.float32),
    "s": np.array(1.75, np.float32),
    "d": np.array(-0.3, np.float64),
    "t": np.array(3, np.int64),
    "w": 0.75,
    "v": -1.5,
    "k": 3,
}


def arguments(names):
    """Return fresh copies of the samples of these names."""
    return [np.array(SAMPLES[name]) if isinstance(SAMPLES[name], np.ndarray) else SAMPLES[name] for name in names]
