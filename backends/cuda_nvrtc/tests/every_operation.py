"""Groups with every operation that the backend has, for every combination of dtypes that NumPy has a loop for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import fuser_cuda_nvrtc
from cuda_groups import CUDA, Array, Builder
from fuser_core.backend import Accept, Elementwise, Group, Value
from fuser_core.ops import ELEMENTWISE
from fuser_core.plan import DType
from fuser_core.shapes import SizeOf
from fuser_core.testing.values import mixture, specials

DTYPES = tuple(map(np.dtype, "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split()))
Signature = tuple[str, tuple[DType, ...], tuple[DType, ...]]
_SHAPE = (SizeOf(0, 0),)
_MOST_ARRAYS = 60
_SIZE = 4000
_REAL, _COMPLEX = ["e->e", "f->f", "d->d"], ["F->f", "D->d"]
_OTHERS = {
    **dict.fromkeys(("erf", "erfc", "gammaln"), _REAL),
    **dict.fromkeys(("real", "imag"), _COMPLEX),
    "where": [f"?{dtype.char}{dtype.char}->{dtype.char}" for dtype in DTYPES],
    "cast": [f"{source.char}->{target.char}" for source in DTYPES for target in DTYPES],
}
"""The loops of what is no ufunc."""


def signatures() -> Iterator[Signature]:
    """Yield every operation with the dtypes of its operands and results."""
    for name, op in ELEMENTWISE.items():
        seen = set()
        for text in _OTHERS.get(name) or (op.ufunc.types if op.ufunc is not None else []):
            left, right = text.split("->")
            found = tuple(map(np.dtype, left)), tuple(map(np.dtype, right))
            if set(left + right) <= set("?bhilqBHILQefdFD") and found not in seen:  # two letters may be one dtype
                seen.add(found)
                yield name, *found


def verdict_on(signature: Signature) -> object:
    """Return what the backend says of an operation."""
    name, operands, results = signature
    step = Elementwise(
        name,
        tuple(Value(place, each, _SHAPE) for place, each in enumerate(operands)),
        tuple(Value(9 + place, each, _SHAPE) for place, each in enumerate(results)),
    )
    return fuser_cuda_nvrtc.supports(step, CUDA)


def held() -> list[Signature]:
    """Return what the backend holds, ordered by operands."""
    found = [signature for signature in signatures() if isinstance(verdict_on(signature), Accept)]
    return sorted(found, key=lambda signature: [each.char for each in signature[1]])


def groups() -> list[Group]:
    """Return groups that hold all of it, each as much as one kernel may."""
    made: list[Group] = []
    builder, inputs, outputs = Builder(), dict[tuple[DType, ...], list[Value]](), list[Value]()
    for name, operands, results in held():
        if len(builder.inputs) + len(outputs) + len(operands) + len(results) > _MOST_ARRAYS:
            made.append(builder.group(*outputs))
            builder, inputs, outputs = Builder(), {}, []
        if operands not in inputs:
            inputs[operands] = [builder.input(each) for each in operands]
        outputs += builder.several(name, *inputs[operands], dtypes=results)
    return [*made, builder.group(*outputs)]


def sample(group: Group) -> list[Array]:
    """Return inputs of a group: for every two operands all pairs of special values, or many of them."""
    arrays = []
    for place, value in enumerate(group.inputs):
        rng = np.random.default_rng(place)
        own = specials(value.dtype)
        start = np.tile(own, -(-_SIZE // own.size))[:_SIZE] if place % 2 else rng.choice(own, _SIZE)
        plain = mixture(value.dtype, (_SIZE,), place, 0.0)
        arrays.append(np.where(rng.random(_SIZE) < 0.7, start, plain))
    return arrays


def parts(group: Group) -> Iterator[tuple[Group, list[int], list[int]]]:
    """Yield each step as a group, and which inputs and outputs of the whole are its own."""
    for step in group.steps:
        inputs = [place for place, value in enumerate(group.inputs) if value in step.inputs]
        outputs = [group.outputs.index(value) for value in step.outputs]
        yield (
            Group(group.device, group.shape, tuple(group.inputs[at] for at in inputs), (step,), step.outputs),
            inputs,
            outputs,
        )
