"""The text of a module can be read: what it computes stands in it line by line, and nothing that it does not need."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cuda_groups import Builder, number
from fuser_core.backend import CompileOptions
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.library import library_text
from fuser_cuda_nvrtc.source.module import module_text
from fuser_cuda_nvrtc.source.storage import literal


def text_of(group, *, fast_math=False):
    return module_text(group, CompileOptions(fast_math), arrange(group))


def test_every_step_is_a_line_with_its_meaning():
    builder = Builder()
    x, y = builder.input("f4"), builder.input("f4")
    product = builder.apply("multiply", x, y, dtype="f4")
    group = builder.group(builder.apply("add", product, number(1.5, "f4"), dtype="f4"))
    body = text_of(group).partition("void body(")[2].partition("\n}")[0]
    assert body.splitlines() == [
        "const f32 v1, const f32 v2, f32 &r0) {",
        "    const f32 v3 = v1 * v2;  // %3: float32(n0.0,) = multiply(%1, %2)",
        "    const f32 v4 = v3 + 1.5f;  // %4: float32(n0.0,) = add(%3, np.float32(1.5))",
        "    r0 = v4;",
    ]


def test_kernels_have_their_names():
    builder = Builder()
    x = builder.input("f4")
    elementwise = text_of(builder.group(builder.apply("exp", x, dtype="f4")))
    kernels = ["flat", "rows", "strided32", "strided64", "bands32"]
    assert re.findall(r"__launch_bounds__\(THREADS\) (\w+)", elementwise) == kernels
    builder = Builder()
    reduction = text_of(builder.group(builder.reduce("sum", builder.input("f4"), (0,))))
    kernels = ["reduce32", "reduce64", "reduce_rows", "reduce_columns", "join_segments"]
    assert re.findall(r"__launch_bounds__\(THREADS\) (\w+)", reduction) == kernels


def test_no_header_and_no_placeholder():
    builder = Builder(3)
    x = builder.input("f2")
    group = builder.group(builder.apply("tanh", x, dtype="f2"), builder.reduce("max", x, (1,)))
    text = text_of(group)
    assert "#include" not in text
    assert "$" not in text
    assert not re.search(r" +$", text, re.MULTILINE)


def test_functions_come_when_they_are_used():
    builder = Builder()
    x = builder.input("i8")
    plain = text_of(builder.group(builder.apply("add", x, x, dtype="i8")))
    assert "wrap_add" in plain
    assert "wrap_multiply" not in plain
    assert "Complex" not in plain
    assert "half_to_float" not in plain


def test_a_function_brings_what_it_uses():
    text = library_text("log_gamma(x) + half_spacing(y)")
    for name in ("log_gamma", "half_spacing", "next_half", "half_to_float"):
        assert re.search(rf"\b{name}\(", text)
    assert text.index("half_to_float(u16 bits)") < text.index("next_half(f32 x")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.float32(1.5), "1.5f"),
        (np.float64(-2.0), "-2.0"),
        (np.float32(0.1), "0x1.99999a0000000p-4f /* 0.10000000149011612 */"),
        (np.float64(-0.0), "__longlong_as_double(i64(0x8000000000000000ull))"),
        (np.float32(np.inf), "__int_as_float(i32(0x7f800000u))"),
        (np.int64(-(2**63)), "i64(-9223372036854775807ll - 1)"),
        (np.int8(-5), "i8(-5)"),
        (np.uint64(2**64 - 1), "u64(18446744073709551615ull)"),
        (np.bool_(True), "true"),
        (np.complex64(1 - 2j), "complex_of(1.0f, -2.0f)"),
        (np.float16(0.5), "0.5f"),
    ],
    ids=str,
)
def test_literals(value, text):
    assert literal(value) == text


def test_large_bodies_hold_fewer_elements_at_once():
    def arrangement_of(steps):
        builder = Builder()
        value = builder.input("f4")
        for _ in range(steps):
            value = builder.apply("tanh", value, dtype="f4")
        return arrange(builder.group(value))

    small, large = arrangement_of(1), arrangement_of(100)
    assert (small.lanes, small.packs) == (4, 2)
    assert (large.lanes, large.packs, large.elements) == (1, 1, 1)
