"""The names of the array API standard, and where the namespace of traced arrays has each from."""

from __future__ import annotations

__all__ = ["CONSTANTS", "DTYPES", "EXTENSIONS", "FUNCTIONS", "OWN"]

DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split()
)
CONSTANTS = frozenset("e inf nan newaxis pi".split())
EXTENSIONS = frozenset({"fft", "linalg"})

OWN = {
    **dict.fromkeys(
        """
        arange asarray empty empty_like eye from_dlpack full full_like linspace ones ones_like zeros zeros_like
        """.split(),
        "creation",
    ),
    **dict.fromkeys("__array_namespace_info__ can_cast finfo iinfo isdtype result_type".split(), "inspection"),
    **dict.fromkeys("argsort astype broadcast_to isin sort".split(), "elements"),
}
"""By name, the module beside this one that has a function: it takes what NumPy's does not, or makes no array's copy."""

FUNCTIONS = frozenset(
    """
    abs acos acosh add all any argmax argmin asin asinh atan atan2 atanh bitwise_and bitwise_invert
    bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor broadcast_arrays broadcast_shapes ceil clip concat
    conj copysign cos cosh count_nonzero cumulative_prod cumulative_sum diff divide equal exp expand_dims expm1 flip
    floor floor_divide greater greater_equal hypot imag isfinite isinf isnan less less_equal log log10 log1p log2
    logaddexp logical_and logical_not logical_or logical_xor matmul matrix_transpose max maximum mean meshgrid min
    minimum moveaxis multiply negative nextafter nonzero not_equal permute_dims positive pow prod real reciprocal
    remainder repeat reshape roll round searchsorted sign signbit sin sinh sqrt square squeeze stack std subtract sum
    take take_along_axis tan tanh tensordot tile tril triu trunc unique_all unique_counts unique_inverse unique_values
    unstack var vecdot where
    """.split()
)
"""Functions that NumPy has under the standard's names, with its options."""
