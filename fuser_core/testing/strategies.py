"""Hypothesis strategies: arrays, arguments that broadcast together, and graphs with arguments for them."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from fuser_core.testing.growth import Case, grow_case
from fuser_core.testing.samples import Choose, pick, sample_arguments, sample_array, sample_shape
from fuser_core.testing.values import DTYPES, LAYOUTS

__all__ = ["argument_lists", "arrays", "graphs", "shapes"]

Array = np.ndarray[Any, np.dtype[Any]]


@functools.cache
def _below(bound: int) -> st.SearchStrategy[int]:
    return st.integers(0, bound - 1)


def _choices(draw: st.DrawFn) -> Choose:
    return lambda bound: draw(_below(bound))


@st.composite
def shapes(draw: st.DrawFn, max_rank: int = 4) -> tuple[int, ...]:
    """Draw a shape of at most 5,000 elements, with axes of size 0 and 1 now and then."""
    return sample_shape(_choices(draw), max_rank)


@st.composite
def arrays(
    draw: st.DrawFn,
    dtypes: Sequence[np.dtype[Any]] = DTYPES,
    shape: tuple[int, ...] | None = None,
    layouts: Sequence[str] = tuple(LAYOUTS),
) -> Array:
    """Draw an array of ordinary and special values.

    Args:
        draw: Given by Hypothesis.
        dtypes: Which dtypes it may have.
        shape: Its shape; by default any up to rank 4.
        layouts: Which of `fuser_core.testing.values.LAYOUTS` it may have.
    """
    choose = _choices(draw)
    size = sample_shape(choose) if shape is None else shape
    return sample_array(choose, pick(choose, dtypes), size, layouts)


@st.composite
def argument_lists(
    draw: st.DrawFn, dtypes: Sequence[np.dtype[Any]] | None = None, layouts: Sequence[str] = tuple(LAYOUTS)
) -> list[Any]:
    """Draw one to four arguments that broadcast together: arrays, NumPy scalars and Python numbers.

    Args:
        draw: Given by Hypothesis.
        dtypes: Which dtypes they may have; by default those of one of `fuser_core.testing.values.FAMILIES`.
        layouts: Which of `fuser_core.testing.values.LAYOUTS` they may have.
    """
    return sample_arguments(_choices(draw), dtypes, layouts=layouts)


@st.composite
def graphs(
    draw: st.DrawFn,
    *,
    exact: bool = False,
    dtypes: Sequence[np.dtype[Any]] | None = None,
    max_steps: int = 12,
    layouts: Sequence[str] = tuple(LAYOUTS),
) -> Case:
    """Draw a program with several outputs, and arguments for it.

    Args:
        draw: Given by Hypothesis.
        exact: Use only operations whose results must agree with the oracle's to the bit.
        dtypes: What its values may have; by default those of one of `fuser_core.testing.values.FAMILIES`.
        max_steps: The most operations.
        layouts: Which of `fuser_core.testing.values.LAYOUTS` the arguments may have.
    """
    return grow_case(_choices(draw), exact=exact, dtypes=dtypes, max_steps=max_steps, layouts=layouts)
