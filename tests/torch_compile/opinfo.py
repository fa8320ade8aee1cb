"""PyTorch's own samples of its operators (`op_db`), compiled by the backend and compared with eager.

``python tests/torch_compile/opinfo.py 3`` takes three of each operator in every dtype, and prints what came of them;
the suite takes one, in fewer dtypes.
"""

import sys
import warnings
from collections import Counter
from itertools import islice

import torch
from torch.fx.experimental.proxy_tensor import make_fx
from torch.testing._internal.common_methods_invocations import op_db
from torch.utils import _pytree as pytree

from fuser_core.torch_compile import collect_compilations, compiler, partition
from fuser_core.torch_compile.decompositions import decompositions

DTYPES = (
    torch.float32,
    torch.float64,
    torch.int64,
    torch.bool,
    torch.float16,
    torch.bfloat16,
    torch.int32,
    torch.uint8,
)
HALVES = (torch.float16, torch.bfloat16)
SKIPPED = (
    "empty",
    "new_empty",
    "rand",
    "normal",
    "bernoulli",
    "multinomial",
    "dropout",
    "multi_head_attention",
    "uniform",
    "exponential",
)
"""Parts of names of operators whose results are not decided by their arguments."""

OPERATORS = [op for op in op_db if not any(part in op.name for part in SKIPPED)]


class Tally:
    """How often what happened to a sample."""

    def __init__(self):
        self.counts = Counter()
        self.claimed = set()
        self.failures = []


def check(op, dtype, tally, most):
    """Compare up to so many samples of an operator, and count."""
    if dtype not in op.supported_dtypes("cpu"):
        return
    for sample in islice(op.sample_inputs("cpu", dtype, requires_grad=False), most):
        _check_sample(op, dtype, sample, tally)


def _check_sample(op, dtype, sample, tally):
    if sample.kwargs.get("dropout_p"):
        return  # random
    arguments = (sample.input, sample.args, sample.kwargs)
    leaves, structure = pytree.tree_flatten(arguments)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, torch.Tensor)]

    def function(*tensors):
        own = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            own[place] = tensor
        first, args, kwargs = pytree.tree_unflatten(own, structure)
        return pytree.tree_leaves(op(first, *args, **kwargs))

    tensors = [leaves[place] for place in places]
    given = [tensor.clone() for tensor in tensors]
    try:
        before = [tensor.clone() for tensor in tensors]
        expected = function(*before)  # which may write to them
        traced = torch.func.functionalize(function)
        graph = make_fx(traced, decomposition_table=dict(decompositions()), tracing_mode="fake")(*tensors)
        returned = graph.graph.output_node().args[0]
        assert isinstance(returned, list | tuple)
    except Exception as error:  # noqa: BLE001 - whatever PyTorch says of its own sample
        tally.counts["not traced"] += 1
        tally.counts[f"not traced: {type(error).__name__}"] += 1
        return
    with collect_compilations() as found, warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            actual = compiler._compile("inference", graph, tensors)(list(tensors))
        except Exception as error:  # noqa: BLE001 - it is the finding
            tally.counts["failed"] += 1
            tally.failures.append((op.name, op.variant_test_name, dtype, repr(error)[:300]))
            return
    if not found[0].groups:
        tally.counts["declined"] += 1
        return
    try:
        for left, right in zip(actual, expected, strict=True):
            if isinstance(right, torch.Tensor) and right.numel():
                assert left.stride() == right.stride(), (left.stride(), right.stride())
        exact = _in_single(function, given) if dtype in HALVES else []
        _compare_all([*actual, *tensors], [*expected, *before], exact)
    except AssertionError as error:
        tally.counts["failed"] += 1
        tally.failures.append((op.name, op.variant_test_name, dtype, str(error)[:300]))
        return
    tally.counts["passed"] += 1
    tally.claimed.add((op.name, op.variant_test_name))


def _in_single(function, tensors):
    """Return what eager gives for the same numbers in single precision, and what it leaves in its arguments."""
    wide = [tensor.float() if tensor.dtype in HALVES else tensor.clone() for tensor in tensors]
    try:
        return [*function(*wide), *wide]
    except RuntimeError:  # a dtype is written in the sample
        return []


def _compare_all(actual, expected, exact):
    """Assert that results are eager's; halves may instead be at most as far as eager's from single precision."""
    exact = exact if len(exact) == len(expected) else [None] * len(expected)
    for left, right, wide in zip(actual, expected, exact, strict=True):
        if not isinstance(right, torch.Tensor):
            continue
        assert left.dtype == right.dtype
        try:
            torch.testing.assert_close(left, right, equal_nan=True)
        except AssertionError:
            if wide is None or right.dtype not in HALVES:
                raise
            distances = [(each.double() - wide.double()).abs().max().item() for each in (left, right)]
            assert distances[0] <= distances[1], distances


def main(most):
    """Check so many samples of each operator in every dtype; one operation is a group here."""
    partition.FEWEST = 1
    warnings.simplefilter("ignore")  # PyTorch's about its own samples
    tally = Tally()
    for op in OPERATORS:
        for dtype in DTYPES:
            check(op, dtype, tally, most)
    print(f"{len(OPERATORS)} operators, {len(tally.claimed)} with groups; samples: {dict(tally.counts)}")  # noqa: T201
    for failure in tally.failures:
        print(*failure)  # noqa: T201
    return len(tally.failures)


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])) > 0)
