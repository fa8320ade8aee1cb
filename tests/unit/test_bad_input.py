"""Bad input to the graph interface: told in words, whatever it is, and the stack is as it was."""

import collections
import decimal
import fractions
import itertools

import numpy as np
import pytest

from fuser_core import (
    ArgumentError,
    FuserError,
    GraphError,
    ShapeError,
    UnknownKeyError,
    debug_get_fused_kernel_code,
    debug_launch_graph,
    parse_ir,
    register_fusion,
    run_fusion,
)
from fuser_core.graph import Graph, GraphBuilder, Node
from fuser_core.testing.runner import build, single

X = np.arange(3.0)
PRODUCT = single("multiply", 2)


class Unprintable:
    def __repr__(self):
        raise RuntimeError("no words")


class OddInt(int):
    def __str__(self):
        raise RuntimeError("no words")

    __repr__ = __str__


KEYS = {
    "negative": (-1, "-1 is not the key"),
    "bool": (True, "True is not the key"),
    "zero as False": (False, "False is not the key"),
    "float": (0.0, "0.0 is not the key"),
    "nan": (float("nan"), "nan is not the key"),
    "large": (10**9, "1000000000 is not the key"),
    "huge": (10**5000, "an integer of 16610 bits is not the key"),
    "huge negative": (-(10**5000), "an integer of 16610 bits is not the key"),
    "text": ("0", "'0' is not the key"),
    "endless text": ("0" * 10**6, "a str is not the key"),
    "bytes": (b"0", "a bytes is not the key"),
    "None": (None, "a NoneType is not the key"),
    "tuple": ((0,), "a tuple is not the key"),
    "numpy integer": (np.int64(0), "a int64 is not the key"),
    "array": (np.zeros(3, int), "a ndarray is not the key"),
    "graph": (PRODUCT, "a Graph is not the key"),
    "unprintable": (Unprintable(), "a Unprintable is not the key"),
    "odd integer": (OddInt(0), "a OddInt is not the key"),
}


@pytest.mark.parametrize("case", KEYS)
def test_an_unknown_key_is_told(case):
    key, message = KEYS[case]
    register_fusion(PRODUCT)
    stack = [X, X]
    with pytest.raises(UnknownKeyError) as caught:
        run_fusion(key, stack)
    assert str(caught.value) == f"{message} of a registered graph; use what register_fusion returned"
    assert all(item is X for item in stack)
    assert len(stack) == 2


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_on_the_stack_are_told(count):
    stack = [X] * count
    with pytest.raises(ArgumentError, match=f"the graph takes 2 inputs and the stack holds {count}; push them all"):
        run_fusion(register_fusion(PRODUCT), stack)
    assert len(stack) == count


@pytest.mark.parametrize(
    "stack",
    [(X, X), None, "ab", np.stack([X, X]), collections.deque([X, X]), {0: X, 1: X}, iter([X, X]), X],
    ids=lambda stack: type(stack).__name__,
)
def test_a_stack_that_is_no_list_is_told(stack):
    with pytest.raises(ArgumentError, match=rf"the stack is a {type(stack).__name__}; pass a list, in which outputs"):
        run_fusion(register_fusion(PRODUCT), stack)


def test_a_subclass_of_list_is_a_stack():
    class Stack(list):
        pass

    for stack in (Stack([X, X]), collections.UserList([X, X])):
        run_fusion(register_fusion(PRODUCT), stack)
        np.testing.assert_array_equal(stack[0], X * X)
        assert len(stack) == 1


class Foreign:
    def __array__(self, dtype=None, copy=None):
        return X


def _structured():
    return np.zeros(3, [("a", "f8"), ("b", "u1")])


NO_NUMBERS = {
    "masked": (np.ma.masked_greater(X, 1), "MaskedArray is a subclass of ndarray with semantics of its own"),
    "record": (np.rec.array([(1.0, 2)]), "is a subclass of ndarray with semantics of its own"),
    "memmap-like": (X.view(type("Mine", (np.ndarray,), {})), "Mine is a subclass of ndarray with semantics of its own"),
    "structured": (_structured(), "hold no numbers that a kernel can compute with"),
    "void": (_structured()[0], "are no numbers that a kernel can compute with"),
    "datetime": (np.zeros(3, "M8[s]"), r"arrays of dtype datetime64\[s\] hold no numbers"),
    "datetime scalar": (np.datetime64(0, "s"), r"scalars of dtype datetime64\[s\] are no numbers"),
    "timedelta": (np.zeros(3, "m8[s]"), r"arrays of dtype timedelta64\[s\] hold no numbers"),
    "object": (np.array([1, 2, 3], object), "arrays of dtype object hold no numbers"),
    "str": (np.array(["a"] * 3), "arrays of dtype <U1 hold no numbers"),
    "str scalar": (np.str_("a"), "scalars of dtype <U1 are no numbers"),
    "bytes": (np.array([b"a"] * 3), r"arrays of dtype \|S1 hold no numbers"),
    "foreign": (Foreign(), "Foreign is an array of a library that fuser_core does not know"),
    "text": ("text", "argument 1 is a str, which is neither an array that fuser_core knows nor a Python number; conv"),
    "None": (None, "argument 1 is a NoneType, which is neither"),
    "list": ([1.0, 2.0, 3.0], "argument 1 is a list, which is neither"),
    "tuple": ((1.0, 2.0, 3.0), "argument 1 is a tuple, which is neither"),
    "dict": ({}, "argument 1 is a dict, which is neither"),
    "fraction": (fractions.Fraction(1, 2), "argument 1 is a Fraction, which is neither"),
    "decimal": (decimal.Decimal(1), "argument 1 is a Decimal, which is neither"),
    "class": (np.ndarray, "argument 1 is a type, which is neither"),
    "unprintable": (Unprintable(), "argument 1 is a Unprintable, which is neither"),
}


@pytest.mark.parametrize("case", NO_NUMBERS)
@pytest.mark.parametrize(
    "door",
    [
        lambda stack: run_fusion(register_fusion(PRODUCT), stack),
        lambda stack: debug_launch_graph(PRODUCT, stack[1:]),
        lambda stack: debug_get_fused_kernel_code(PRODUCT, stack[1:]),
    ],
    ids=["run", "debug", "code"],
)
def test_what_holds_no_numbers_is_told(case, door, compiler):
    thing, message = NO_NUMBERS[case]
    stack = ["below", X, thing]
    with pytest.raises(ArgumentError, match=message) as caught:
        door(stack)
    assert isinstance(caught.value, TypeError)
    assert str(caught.value).startswith("argument 1 is a ")
    assert stack[1] is X
    assert stack[2] is thing
    assert compiler.compiled == []


@pytest.mark.parametrize("inputs", [[], [X], [X, X, X]], ids=len)
@pytest.mark.parametrize("door", [debug_launch_graph, debug_get_fused_kernel_code])
def test_the_debug_doors_take_exactly_the_inputs(inputs, door, compiler):
    with pytest.raises(ArgumentError, match=f"the graph takes 2 inputs and was given {len(inputs)}; pass one for each"):
        door(PRODUCT, inputs)


@pytest.mark.parametrize("inputs", ["ab", X, None, {0: X, 1: X}], ids=lambda inputs: type(inputs).__name__)
@pytest.mark.parametrize("door", [debug_launch_graph, debug_get_fused_kernel_code])
def test_inputs_that_are_no_list_are_told(inputs, door, compiler):
    with pytest.raises(ArgumentError, match=rf"the inputs are a {type(inputs).__name__}; pass a list of them"):
        door(PRODUCT, inputs)


@pytest.mark.parametrize("graph", ["graph(%x):\n  return (%x)", None, 3, lambda x: x], ids=lambda g: type(g).__name__)
def test_what_is_no_graph_is_told(graph):
    words = f"{type(graph).__name__} is no Graph; parse_ir makes one of its text"
    for call in (register_fusion, lambda g: debug_launch_graph(g, []), lambda g: debug_get_fused_kernel_code(g, [])):
        with pytest.raises(ArgumentError, match=words):
            call(graph)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Graph((0, 0), (), ()), "%0 is defined twice"),
        (lambda: Graph((0,), (), (1,)), "%1 is used before it is defined"),
        (lambda: Graph((0,), (Node("np::add", (0, 1), (1,)),), (1,)), "%1 is used before it is defined"),
        (lambda: Graph((0,), (Node("np::exp", (0,), (0,)),), (0,)), "%0 is defined twice"),
    ],
)
def test_a_graph_that_is_none_cannot_be_built(make, message):
    with pytest.raises(GraphError, match=message):
        make()


@pytest.mark.parametrize(
    ("op", "arity", "outputs", "message"),
    [
        ("mine::op", 1, 1, "mine::op is not an operation that fuser_core knows"),
        ("np::add", 1, 1, "takes 2 operands"),
        ("np::add", 3, 1, "takes 2 operands"),
        ("np::exp", 1, 2, "results"),
        ("np::where", 1, 1, "takes 3 operands"),
        ("np::matmul", 1, 1, "takes 2 operands"),
        ("aten::relu", 2, 1, "takes"),
    ],
)
def test_an_operation_that_is_none_is_told_when_it_runs(op, arity, outputs, message):
    builder = GraphBuilder(arity)
    graph = builder.build(builder.add(op, range(arity), outputs=outputs).outputs)
    stack = [X] * arity
    with pytest.raises(GraphError, match=message):
        run_fusion(register_fusion(graph), stack)
    assert all(item is X for item in stack)


def _chain(graph):
    (product,) = graph.add("np::multiply", [0, 1]).outputs
    return [product, *graph.add("np::add", [product, 2]).outputs]


@pytest.mark.parametrize("shapes", [((3,), (4,), ()), ((2, 3), (3, 2), (1,)), ((3,), (3,), (2,)), ((0,), (2,), (0,))])
def test_shapes_that_do_not_fit_are_told_and_the_stack_is_left(shapes):
    stack = [np.ones(shape) for shape in shapes]
    before = list(stack)
    with pytest.raises(ShapeError):
        run_fusion(register_fusion(build(3, _chain)), stack)
    assert all(left is right for left, right in zip(stack, before, strict=True))


GOOD_AND_BAD = [X, 2.0, np.float32(3), np.ones((2, 3)), np.ones(4), "text", None, np.ma.ones(3), np.zeros(3, "M8[s]")]


@pytest.mark.parametrize("inputs", list(itertools.product(GOOD_AND_BAD, repeat=2)), ids=lambda _: "")
def test_every_run_leaves_the_stack_or_its_outputs(inputs):
    stack = ["below", *inputs]
    try:
        run_fusion(register_fusion(PRODUCT), stack)
    except FuserError:
        assert len(stack) == 3
        assert all(left is right for left, right in zip(stack[1:], inputs, strict=True))
    else:
        assert len(stack) == 2
        np.testing.assert_array_equal(stack[1], inputs[0] * inputs[1])
    assert stack[0] == "below"


def test_a_text_that_is_read_but_cannot_run_leaves_the_stack():
    key = register_fusion(parse_ir("graph(%x : Tensor):\n  %r = np::getitem[index=(7,)](%x)\n  return (%r)"))
    stack = [X]
    with pytest.raises(IndexError, match="index 7 is out of bounds"):
        run_fusion(key, stack)
    assert stack[0] is X
