"""The rules of simplification: each applies where it says, and no rule changes a bit of a result.

Plans are compared with NumPy, which computes one operation after the other, on special values and on random bits.
"""

import functools
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.arguments import describe_arguments
from fuser_core.passes import simplification
from fuser_core.passes.rules import RULES, rules_of
from fuser_core.specialize import specialize
from fuser_core.testing.oracle import evaluate
from fuser_core.testing.runner import Runner
from fuser_core.testing.values import specials
from fuser_core.tracing import trace_function

BOOL, SIGNED, UNSIGNED = ["?"], ["i1", "i2", "i4", "i8"], ["u1", "u2", "u4", "u8"]
FLOATS, COMPLEX = ["f2", "f4", "f8"], ["c8", "c16"]
INTEGERS = SIGNED + UNSIGNED
WHOLE = BOOL + INTEGERS
REAL = WHOLE + FLOATS
EVERY = REAL + COMPLEX


def _typed(number):
    """Return a number in the dtype of an array, as a constant of the program."""
    return lambda x: x.dtype.type(number)


def _lowest(x):
    return x.dtype.type(np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf if x.dtype.kind == "f" else False)


def _highest(x):
    return x.dtype.type(np.iinfo(x.dtype).max if x.dtype.kind in "iu" else np.inf if x.dtype.kind == "f" else True)


def _least(dtype):
    """Return the number of dtypes of which every number is one of another's, and that other."""
    return {"?": "i1", "i1": "i2", "i2": "f4", "i4": "f8", "i8": "i8", "u1": "i2", "u2": "i4", "u4": "f8"}.get(
        dtype, {"f2": "f4", "f4": "f8", "f8": "c16", "c8": "c16"}.get(dtype)
    )


# A function of one array, the dtypes for which a rule applies to it, and the operations that stay: none, where the
# result is the array itself, and a copy is returned.
SIMPLER = [
    (np.positive, INTEGERS + FLOATS + COMPLEX, []),
    (np.conjugate, INTEGERS + FLOATS, []),
    (np.absolute, BOOL + UNSIGNED, []),
    (np.floor, [each for each in WHOLE if np.floor(np.ones(1, each)).dtype == each], []),  # from NumPy 2.1 on
    (lambda x: x.astype(x.dtype), EVERY, []),
    (lambda x: x + _typed(0)(x), WHOLE, []),
    (lambda x: x + _typed(-0.0)(x), FLOATS, []),
    (lambda x: x + _typed(complex(-0.0, -0.0))(x), COMPLEX, []),
    (lambda x: _typed(0)(x) + x, INTEGERS, []),
    (lambda x: x - _typed(0)(x), INTEGERS + FLOATS + COMPLEX, []),
    (lambda x: x * _typed(1)(x), REAL, []),
    (lambda x: _typed(1)(x) * x, REAL, []),
    (lambda x: x / _typed(1)(x), FLOATS, []),
    (lambda x: x // _typed(1)(x), INTEGERS, []),
    (lambda x: np.power(x, _typed(1)(x)), INTEGERS, []),
    (lambda x: np.logical_or(x, False), BOOL, []),
    (lambda x: np.logical_and(x, True), BOOL, []),
    (lambda x: np.logical_xor(x, False), BOOL, []),
    (lambda x: x | _typed(0)(x), WHOLE, []),
    (lambda x: x ^ _typed(0)(x), WHOLE, []),
    (lambda x: x & ~_typed(0)(x), WHOLE, []),
    (lambda x: np.left_shift(x, _typed(0)(x)), INTEGERS, []),
    (lambda x: np.right_shift(x, _typed(0)(x)), INTEGERS, []),
    (lambda x: np.maximum(x, _lowest(x)), REAL, []),
    (lambda x: np.minimum(_highest(x), x), REAL, []),
    (lambda x: np.maximum(x, x), REAL, []),
    (lambda x: np.fmin(x, x), REAL, []),
    (lambda x: x & x, WHOLE, []),
    (lambda x: np.logical_or(x, x), BOOL, []),
    (lambda x: np.negative(np.negative(x)), SIGNED + UNSIGNED + FLOATS + COMPLEX, []),
    (lambda x: ~~x, WHOLE, []),
    (lambda x: np.logical_not(np.logical_not(x)), BOOL, []),
    (lambda x: np.conj(np.conj(x)), COMPLEX, []),
    (lambda x: abs(abs(x)), SIGNED + FLOATS, ["absolute"]),
    (lambda x: np.fabs(abs(x)), FLOATS, ["absolute"]),
    (lambda x: abs(-x), SIGNED + FLOATS, ["absolute"]),
    (lambda x: np.fabs(-x), FLOATS, ["fabs"]),
    (lambda x: np.rint(np.floor(x)), FLOATS, ["floor"]),
    (lambda x: np.trunc(np.ceil(x)), FLOATS, ["ceil"]),
    (lambda x: np.maximum(np.maximum(x, _typed(1)(x)), _typed(1)(x)), REAL, ["maximum"]),
    (lambda x: np.fmin(np.fmin(x, _typed(0)(x)), _typed(0)(x)), INTEGERS + FLOATS, ["fmin"]),
    (lambda x: np.logical_not(x == _typed(1)(x)), EVERY, ["not_equal"]),
    (lambda x: np.logical_not(x < _typed(1)(x)), WHOLE, ["greater_equal"]),
    (lambda x: np.logical_not(x >= _typed(1)(x)), WHOLE, ["less"]),
    (lambda x: x.astype(_least(x.dtype.str[1:])).astype(x.dtype), [each for each in EVERY if _least(each)], []),
    (lambda x: x.astype("f8").astype("i4"), ["f2", "f4"], ["cast"]),
    (lambda x: x.astype("i8").astype("u1"), ["?", "i1", "i2", "i4", "u2", "u4"], ["cast"]),
    (lambda x: x.astype("f8").astype("f2"), ["f4", "i2", "i4", "u4"], ["cast"]),
    (lambda x: np.where(np.bool_(True), x, _typed(1)(x)), EVERY, []),
    (lambda x: np.where(np.bool_(False), _typed(1)(x), x), EVERY, []),
    (lambda x: np.where(x.any(), x, x), EVERY, []),
    (lambda x: np.where(np.logical_not(np.isnan(x)), x, _typed(0)(x)), FLOATS, ["isnan", "where"]),
    (lambda x: x / _typed(4)(x), FLOATS, ["multiply"]),
    (lambda x: x / _typed(-0.125)(x), FLOATS, ["multiply"]),
    (lambda x: x // _typed(8)(x), INTEGERS, ["right_shift"]),
    (lambda x: x % _typed(8)(x), INTEGERS, ["bitwise_and"]),
    (lambda x: np.fmod(x, _typed(64)(x)), UNSIGNED, ["bitwise_and"]),
    (lambda x: np.power(x, _typed(2)(x)), INTEGERS, ["square"]),
]
# What looks alike and is not: the plan keeps every operation.
KEPT = [
    (lambda x: x + _typed(0.0)(x), FLOATS + COMPLEX, ["add"]),  # of -0.0 this is 0.0
    (lambda x: x - _typed(-0.0)(x), FLOATS, ["subtract"]),
    (lambda x: x * _typed(1)(x), COMPLEX, ["multiply"]),  # inf * 0 is NaN
    (lambda x: x / _typed(1)(x), COMPLEX, ["divide"]),
    (lambda x: x // _typed(1)(x), FLOATS, ["floor_divide"]),
    (lambda x: x * _typed(0)(x), FLOATS, ["multiply"]),
    (lambda x: x - x, FLOATS, ["subtract"]),
    (lambda x: x / _typed(3)(x), FLOATS, ["divide"]),
    (lambda x: x / _typed(np.finfo(x.dtype).smallest_subnormal)(x), FLOATS, ["divide"]),  # its reciprocal is infinite
    (lambda x: x / _typed(np.finfo(x.dtype).max)(x), FLOATS, ["divide"]),
    (lambda x: x / _typed(0)(x), FLOATS, ["divide"]),
    (lambda x: np.fmod(x, _typed(8)(x)), SIGNED, ["fmod"]),  # its sign is the dividend's
    (lambda x: x // _typed(-8)(x), SIGNED, ["floor_divide"]),
    (lambda x: x % _typed(6)(x), INTEGERS, ["remainder"]),
    (lambda x: np.fmax(x, _typed(-np.inf)(x)), FLOATS, ["fmax"]),  # of NaN this is -inf
    (lambda x: np.logical_not(x < _typed(1)(x)), FLOATS, ["less", "logical_not"]),  # NaN is neither less nor not
    (lambda x: np.logical_not(np.logical_not(x)), INTEGERS, ["logical_not", "logical_not"]),
    (lambda x: x.astype("f4").astype("f8"), ["f8", "i4", "i8"], ["cast", "cast"]),
    (lambda x: x.astype("f8").astype("i1"), ["i2", "u1", "u4"], ["cast", "cast"]),  # saturates, and does not wrap
    (lambda x: x.astype("u1").astype("i8"), ["i1"], ["cast", "cast"]),
    (lambda x: np.power(x, _typed(2)(x)), FLOATS, ["power"]),
    (lambda x: np.where(x == _typed(1)(x), x, x), EVERY, ["equal", "where"]),  # all three decide the memory order
]


def _cases(table):
    return [(function, dtype, ops) for function, dtypes, ops in table for dtype in dtypes]


def _graph(function, arguments):
    return trace_function(lambda trace: function(*trace.arguments), describe_arguments(arguments), arguments).graph


def _ops(graph, arguments):
    """Return the operations of a plan, without the copies that are returned in the place of an argument."""
    plan = specialize(graph, describe_arguments(arguments), arguments)
    copies = [step for step in plan.steps if step.op == "cast" and step.inputs[0].dtype == step.outputs[0].dtype]
    return [step.op for step in plan.steps if step not in copies]


def _values(dtype):
    """Return special values and random bits: every kind of NaN, and subnormal numbers, are among them."""
    dtype = np.dtype(dtype)
    rng = np.random.default_rng(7)
    bits = rng.integers(0, 2 if dtype.kind == "b" else 256, 300 * dtype.itemsize, np.uint8)
    return np.concatenate([specials(dtype), bits.view(dtype)])


def _check(graph, arguments):
    """Compare a program, to the bit, with what NumPy computes one operation after the other."""
    with np.errstate(all="ignore"):
        results = Runner("fallback_numpy").program(graph, arguments).run(arguments, 1)
    for result, wanted in zip(results, evaluate(graph, arguments), strict=True):
        assert type(result) is type(wanted)
        assert result.dtype == wanted.dtype
        for part, other in ((result.real, wanted.real), (result.imag, wanted.imag)):
            if result.dtype.kind in "fc":
                np.testing.assert_array_equal(np.signbit(part), np.signbit(other))  # of NaN too
            np.testing.assert_array_equal(part, other)


@pytest.mark.parametrize(("function", "dtype", "ops"), _cases(SIMPLER + KEPT))
def test_a_rule_applies_where_it_should_and_changes_nothing(function, dtype, ops):
    arguments = [_values(dtype)]
    graph = _graph(function, arguments)
    assert _ops(graph, arguments) == ops
    _check(graph, arguments)
    _check(_graph(lambda x: (function(x)[1:], function(x)), arguments), arguments)
    scalar = [arguments[0][3]]
    _check(_graph(function, scalar), scalar)


def test_every_rule_is_tried(monkeypatch):
    used = set()

    def spying(rule, step, made):
        found = rule.replace(step, made)
        if found is not None:
            used.add(rule)
        return found

    monkeypatch.setattr(
        simplification,
        "rules_of",
        lambda op: [rule._replace(replace=functools.partial(spying, rule)) for rule in rules_of(op)],
    )
    for function, dtype, _ in _cases(SIMPLER):
        arguments = [_values(dtype)]
        _ops(_graph(function, arguments), arguments)
    tried = [rule for rule in RULES if rule.ops != "floor ceil trunc" or np.floor(np.ones(1, int)).dtype == int]
    assert [f"{rule.ops} of {rule.kinds}: {rule.proof}" for rule in tried if rule not in used] == []


STEPS = [
    *[function for function, _, _ in SIMPLER + KEPT],
    *(lambda x: x * _typed(3)(x), lambda x: x + x, np.square, np.sqrt, lambda x: x > _typed(1)(x)),
    *(
        lambda x: x.astype("f8"),
        lambda x: x.astype("i2"),
        lambda x: x[::-1],
        lambda x: x / 2,
        lambda x: np.clip(x, 0, 3),
    ),
]


def _apply(steps, x):
    """Return the results of a chain of steps, and the steps; what NumPy has no loop for is left out."""
    values, taken = [x], []
    for step in steps:
        try:
            values.append(step(values[-1]))
        except (TypeError, ValueError, OverflowError):
            continue
        taken.append(step)
    return values[1:], taken


@given(st.sampled_from(EVERY), st.lists(st.sampled_from(STEPS), min_size=1, max_size=8), st.booleans())
def test_any_chain_of_them_changes_nothing(dtype, steps, keep):
    arguments = [_values(dtype)]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, taken = _apply(steps, arguments[0])

    def function(x):
        values, _ = _apply(taken, x)
        return (*values, x[1:]) if keep else [x, *values][-1]

    # What NumPy itself answers now one way and now another, the sign of a clipped zero, is known there.
    Runner("fallback_numpy").check(_graph(function, arguments), arguments)
