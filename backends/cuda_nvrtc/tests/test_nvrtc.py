"""NVRTC: every target, options, words of errors, and the names of cache entries."""

from __future__ import annotations

import sys

import pytest

from cuda_groups import Builder, number
from fuser_core.backend import CompileOptions
from fuser_core.disk_cache import disk_cache
from fuser_cuda_nvrtc import machine, nvrtc
from fuser_cuda_nvrtc.nvrtc import CompilationError, Target, assemble, flags, known_targets, target_for
from fuser_cuda_nvrtc.source.arrangement import arrange
from fuser_cuda_nvrtc.source.module import module_text

STRICT, FAST = CompileOptions(), CompileOptions(fast_math=True)


def gelu(dtype="f4"):
    builder = Builder(2)
    x = builder.input(dtype)
    half = builder.apply("multiply", x, number(0.5, dtype), dtype=dtype)
    curve = builder.apply(
        "erf", builder.apply("multiply", x, number(0.7071067811865476, dtype), dtype=dtype), dtype=dtype
    )
    return builder.group(
        builder.apply("multiply", half, builder.apply("add", curve, number(1, dtype), dtype=dtype), dtype=dtype)
    )


def text_of(group, options=STRICT):
    return module_text(group, options, arrange(group))


def row_sums(dtype="f2"):
    builder = Builder(2)
    x = builder.input(dtype)
    return builder.group(builder.reduce("sum", x, (1,)), builder.reduce("squared_deviations", x, (1,)))


@pytest.mark.slow
@pytest.mark.parametrize("sm", known_targets())
def test_every_target(sm):
    for group in (gelu("f2"), row_sums()):
        assert assemble(text_of(group), target_for(sm), STRICT)[:4] == b"\x7fELF"


def test_a_reduction_of_numbers_alone_is_c_plus_plus():
    """It walks no array, and C++ has no arrays of no elements, which other compilers let pass."""
    builder = Builder()
    group = builder.group(builder.reduce("max", builder.input("f8", (1,)), (0,)))
    assert arrange(group).moved == 0
    assert assemble(text_of(group), target_for(90), STRICT)[:4] == b"\x7fELF"


def test_known_targets_hold_those_in_use():
    assert {75, 80, 86, 89, 90} <= set(known_targets())


def test_devices_that_are_newer_get_ptx():
    newest = known_targets()[-1]
    target = target_for(newest + 100)
    assert target == Target(newest, is_portable=True)
    assert b".version" in assemble(text_of(gelu()), target, STRICT)


def test_later_devices_of_a_generation_run_the_code_of_earlier_ones(monkeypatch):
    monkeypatch.setattr(nvrtc, "known_targets", lambda: (75, 80, 86, 90))
    assert target_for(89) == Target(86)
    assert target_for(100) == Target(90, is_portable=True)


def test_devices_that_are_too_old():
    with pytest.raises(
        CompilationError, match=r"makes code for compute capability 7\.5 and newer, and the device has 5\.2"
    ):
        target_for(52)


def test_arithmetic_is_ieee_s_unless_speed_is_asked_for():
    strict, fast = flags(Target(90), STRICT), flags(Target(90), FAST)
    assert {"--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false"} <= set(strict)
    assert {"--fmad=true", "--prec-div=false", "--prec-sqrt=false", "--ftz=false"} <= set(fast)


def test_nothing_is_contracted():
    builder = Builder()
    x, y, z = (builder.input("f4") for _ in range(3))
    total = builder.apply("add", builder.apply("multiply", x, y, dtype="f4"), z, dtype="f4")
    group = builder.group(total)
    portable = Target(90, is_portable=True)
    assert b"fma.rn" not in assemble(text_of(group), portable, STRICT)
    assert b"fma.rn" in assemble(text_of(group), portable, FAST)


def test_packs_are_moved_as_one():
    code = assemble(text_of(gelu()), Target(90, is_portable=True), STRICT).decode()
    flat = code[code.index(".entry flat") :]
    assert "ld.global.v4" in flat
    assert "st.global.v4" in flat


def test_errors_have_the_log():
    with pytest.raises(
        CompilationError, match=r"(?s)cannot compile a kernel for sm_90.*identifier \"nonsense\" is undefined"
    ):
        assemble("__device__ int f() { return nonsense; }", Target(90), STRICT)


def test_names_of_entries_tell_apart_what_differs():
    text = text_of(gelu())
    names = {
        machine.cache_name(text, Target(90), STRICT),
        machine.cache_name(text, Target(90), FAST),
        machine.cache_name(text, Target(80), STRICT),
        machine.cache_name(text, Target(90, is_portable=True), STRICT),
        machine.cache_name(text + " ", Target(90), STRICT),
    }
    assert len(names) == 5
    assert machine.cache_name(text, Target(90), STRICT) in names


def test_another_process_finds_the_code(monkeypatch, tmp_path):
    monkeypatch.setenv("FUSER_CACHE_DIR", str(tmp_path))
    disk_cache.cache_clear()
    try:
        first, was_there = machine.machine_code(text_of(gelu()), Target(90), STRICT)
        again, is_there = machine.machine_code(text_of(gelu()), Target(90), STRICT)
    finally:
        disk_cache.cache_clear()
    assert (was_there, is_there) == (False, True)
    assert first == again


def test_a_long_program_compiles_in_time():
    builder = Builder()
    value = builder.input("f4")
    for place in range(500):
        value = builder.apply(("add", "multiply")[place % 2], value, number(1.25, "f4"), dtype="f4")
    group = builder.group(value)
    assert assemble(text_of(group), target_for(90), STRICT)[:4] == b"\x7fELF"


def test_the_version_is_a_pair():
    assert nvrtc.version() >= (12, 8)
    assert "cuda.bindings.nvrtc" in sys.modules
