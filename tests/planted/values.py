"""Planted defects of values: operations that are nearly right, programs that are nearly the same."""

import numpy as np

from fuser_core.backend import Constant, Reduce, Value, hookimpl
from fuser_core.testing.fakes import WrongBackend, _evaluate
from planted.base import Defect, Planted, PlantedKernel, instead, operands_of


def _truncated(x, y):
    safe = np.where(y == 0, 1, y)
    return np.where(y == 0, 0, np.trunc(x / safe)) if x.dtype.kind == "i" else np.floor_divide(x, y)


def _saturated(x, y):
    if x.dtype.kind not in "iu":
        return np.add(x, y)
    limits = np.iinfo(x.dtype)
    total = x.astype(object) + y.astype(object)
    return np.clip(total, limits.min, limits.max)


def _shifted(x, y):
    return np.left_shift(x, np.bitwise_and(y, np.asarray(8 * x.dtype.itemsize - 1, y.dtype)))


def _signless(x):
    return np.where(x == 0, np.zeros_like(x), np.negative(x))


class _Hasty(Planted):
    """Casts floats as the processor does."""

    def evaluate(self, step, values):
        (source, *_) = operands_of(step, values)
        dtype = step.outputs[0].dtype
        if step.op != "cast" or source.dtype.kind != "f" or dtype.kind not in "iu":
            return super().evaluate(step, values)
        return (np.where(np.isfinite(source), source, np.iinfo(dtype).max).astype(dtype),)


class _Contracting(Planted):
    """Rounds once after a product and a sum."""

    def evaluate(self, step, values):
        wide = np.longdouble if step.outputs[0].dtype == np.float64 else np.float64
        if step.outputs[0].dtype.kind != "f" or step.op not in ("multiply", "add"):
            return super().evaluate(step, values)
        left, right = (np.asarray(operand).astype(wide) for operand in operands_of(step, values))
        return (left * right if step.op == "multiply" else left + right,)

    def store(self, group, values, outputs):
        for value, out in zip(group.outputs, outputs, strict=True):
            np.copyto(out, values[value.id], casting="same_kind")


class _Narrow(Planted):
    """Adds up integers in the dtype that they have."""

    def evaluate(self, step, values):
        if not isinstance(step, Reduce) or step.op != "sum":
            return super().evaluate(step, values)
        (array,) = operands_of(step, values)
        narrow = np.int32 if step.output.dtype.kind in "iu" else step.output.dtype
        return (np.add.reduce(array, axis=step.axes, dtype=narrow).astype(step.output.dtype),)


class _Keyed(Planted):
    """Finds kernels again by a key that says too little."""

    def __init__(self, **options):
        super().__init__(**options)
        self.kernels = {}

    def key(self, group, options):
        raise NotImplementedError

    @hookimpl(specname="compile")
    def compile_group(self, group, options):
        return self.kernels.setdefault(self.key(group, options), PlantedKernel(group, self))


class _ByOperations(_Keyed):
    def key(self, group, options):
        return tuple((step.op, len(step.inputs)) for step in group.steps), len(group.inputs), len(group.outputs)

    def evaluate(self, step, values):
        """Compute in the dtypes for which it was compiled."""
        cast = dict(values)
        for item in step.inputs:
            if isinstance(item, Value):
                cast[item.id] = np.asarray(values[item.id]).astype(item.dtype)
        return _evaluate(step, cast)

    def store(self, group, values, outputs):
        for value, out in zip(group.outputs, outputs, strict=True):
            np.copyto(out, values[value.id], casting="unsafe")


class _WithoutConstants(_Keyed):
    def key(self, group, options):
        blank = [
            (step.op, *(None if isinstance(item, Constant) else item for item in step.inputs), step.outputs)
            for step in group.steps
        ]
        return tuple(blank), group.shape, group.inputs, group.outputs


class _Swapping(Planted):
    """Swaps operands where registers are short."""

    def evaluate(self, step, values):
        if step.op not in ("subtract", "less", "greater", "copysign", "fmod", "divide") or len(values) < 4:
            return super().evaluate(step, values)
        result = np.asarray(getattr(np, step.op)(*reversed(operands_of(step, values))))
        return (result.astype(step.outputs[0].dtype),)


def _single(function):
    return lambda x: function(x.astype(np.float32)) if x.dtype.kind == "f" else function(x)


_FUNCTIONS = "exp log sin cos tanh cbrt arctan expm1 log1p".split()

VALUES = (
    Defect("spoilt", "spoils the last element of every result", WrongBackend, "test_elementwise[add]"),
    Defect(
        "truncating",
        "divides integers towards zero instead of down",
        instead(floor_divide=_truncated),
        "test_elementwise[floor_divide]",
    ),
    Defect("saturating", "stops at the largest integer", instead(add=_saturated), "test_elementwise[add]"),
    Defect(
        "shifting",
        "takes shifts modulo the width, as processors do",
        instead(left_shift=_shifted),
        "test_elementwise[left_shift]",
    ),
    Defect("deaf", "loses NaN in a maximum", instead(maximum=np.fmax), "test_elementwise[maximum]"),
    Defect("unsigned", "loses the sign of zero", instead(negative=_signless), "test_elementwise[negative]"),
    Defect(
        "coarse",
        "computes a sine in single precision",
        instead(sin=_single(np.sin)),
        "test_elementwise[sin]",
    ),
    Defect(
        "coarser",
        "computes every function of one operand in single precision",
        instead(
            **{name: _single(getattr(np, name)) for name in "exp log sin cos tanh cbrt arctan expm1 log1p".split()}
        ),
        "test_random_programs",
    ),
    Defect("deafer", "loses NaN in bounds", instead(minimum=np.fmin, maximum=np.fmax), "test_clip"),
    Defect(
        "powerless",
        "takes powers of integers by way of logarithms",
        instead(power=lambda x, y: np.exp(y * np.log(np.abs(x) + (x == 0)))),
        "test_integers_to_negative_powers",
    ),
    Defect("hasty", "casts NaN and infinities to whatever the processor makes of them", _Hasty, "test_cast[int32]"),
    Defect("contracting", "rounds once after a product and a sum", _Contracting, "test_layout[C]"),
    Defect("narrow", "adds up integers in 32 bits", _Narrow, "test_reduction[int64-sum]"),
    Defect(
        "exclusive",
        "takes one of two values for a selection whose condition is another than 1",
        instead(where=lambda c, x, y: np.where(np.asarray(c).astype(np.int8) == 1, y, x)),
        "test_where[float64]",
    ),
    Defect("mistyped", "finds kernels again whatever their dtypes are", _ByOperations, "test_elementwise[add]"),
    Defect("constant", "finds kernels again whatever their constants are", _WithoutConstants, "test_python_numbers[2]"),
    Defect(
        "swapping",
        "swaps the operands of a difference or a comparison after other steps",
        _Swapping,
        "test_random_exact_programs",
    ),
)
