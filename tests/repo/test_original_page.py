"""The page on the original's tests: no row is missing, and every test that it names exists."""

import ast
import re

import pytest

ORIGINALS = """
    test_abs_cpu test_abs_cpu_unicode_temp_dir test_abs_cuda test_zero_element_tensors
    test_arg_configurations_smoke_cuda test_broadcast_cuda test_cuda_bfloat16 test_cuda_half test_checks_cat_inputs
    test_remainder_cuda test_chunk_cuda test_chunk_correctness test_chunk_correctness_cuda test_chunk_distributes_cuda
    test_chunk_motion_deduplicates_inputs test_chunk_multiple_cuda test_minmax test_clamp test_dropout
    test_comparison_eq_ne test_comparison_gt_lt_cuda test_comparison_ge_le_cuda test_addcmul_cuda test_lerp
    test_concat_cuda test_concat_invariant_cuda test_exp_cuda test_fuse_decompose_normalization test_threshold
    test_scalar_arg_cuda test_fuser_deduplication test_fuser_iou test_fusion_reuse_multi_gpu
    test_kernel_cache_multi_gpu test_nonzero_device_cuda test_lstm_cuda test_lstm_concat_cuda
    test_lstm_gates_permutations_cuda test_lstm_traced_cuda test_lstm_traced_cpu test_milstm_cuda test_rand_cuda
    test_relu_cuda test_erf_cuda test_rand_broadcast_cuda test_scalar test_small_constant_cuda
    test_tensor_scalar_ops_cuda test_where_and_typing test_grad_sum_to_size_elimination
    TestSimple_CUDA TestOne_CUDA FusedConcat_CUDA FusionAliasing KernelCaching
    test_batchnorm_fuser_cpu test_fuser_double_float_codegen test_fuser_double_literal_precision
    test_fuser_multiple_blocks test_autodiff_fallback
""".split()
"""50 of test_jit_fuser.py, 5 of test_fuser.cpp, 5 of other files."""

DEFECTS = [str(number) for number in range(1, 25)]
MENDED = [
    "0-d inputs",
    "joined arrays",
    "parts of joined arrays",
    "more than 128 arguments",
    "`clamp` with one bound",
    "NaN in `min` and `max`",
    "`_grad_sum_to_size`",
    "bool inputs",
]
RULES = {"1.1": 14, "1.2": 3, "1.3": 8, "1.4": 3, "1.5": 5, "1.6": 3, "1.7": 16, "1.8": 6, "1.9": 4}
"""How many rules each section on behaviour has."""

WITHOUT = {"test_autodiff_fallback"}
"""Rows whose reason stands for a test."""

NAME = re.compile(r"`([\w/]+\.py)::(\w+)`")


@pytest.fixture(scope="module")
def page(root):
    """The text of the page."""
    return (root / "docs" / "original.md").read_text()


@pytest.fixture(scope="module")
def rows(page):
    """The rows of all tables, as cells; without the headings."""
    lines = [line for line in page.splitlines() if line.startswith("|") and not line.startswith("|---")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[-1] not in ("ours", "test")]


def names_of_tests(path):
    """Return the names of the tests in a file; a parametrised test has one."""
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    return {node.name for node in functions if node.name.startswith("test_")}


def test_no_row_is_missing_and_none_is_there_twice(rows):
    rules = [f"{section}.{number + 1}" for section, count in RULES.items() for number in range(count)]
    expected = [*(f"`{name}`" for name in ORIGINALS), *DEFECTS, *MENDED, *rules]
    assert len(ORIGINALS) == 50 + 5 + 5
    assert [row[0] for row in rows] == expected


def test_every_row_names_a_test_or_a_reason(rows):
    bare = {row[0].strip("`") for row in rows if not NAME.search(row[-1])}
    assert bare == WITHOUT
    assert all(len(row[1].split()) > 2 for row in rows if row[0].strip("`") in WITHOUT)


def test_every_test_that_is_named_exists(page, root):
    named = NAME.findall(page)
    known = {path: names_of_tests(root / path) if (root / path).exists() else set() for path, _ in named}
    assert [f"{path}::{name}" for path, name in named if name not in known[path]] == []
    assert page.count("::test_") == len(named)


def test_every_test_of_the_folder_is_named(page, root):
    named = set(NAME.findall(page))
    tests = [
        (str(path.relative_to(root)), name)
        for path in (root / "tests" / "original").glob("test_*.py")
        for name in names_of_tests(path)
    ]
    assert sorted(set(tests) - named) == []
