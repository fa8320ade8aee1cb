"""Every workload of the benchmarks gives NumPy's results by every installed backend, at a small size."""

import numpy as np
import pytest

from fuser_core import fuse
from fuser_core.bench.contenders import PEERS, contend
from fuser_core.bench.contenders.entrant import Unable, results
from fuser_core.bench.place import find_place
from fuser_core.bench.workloads import DEFAULT, WORKLOADS
from fuser_core.bench.workloads.shape_matrix import OPERATIONS, SHAPES

SIZE = 400


@pytest.mark.parametrize("name", DEFAULT)
def test_a_workload_is_numpy_s(name, backend):
    workload = WORKLOADS[name]
    arguments = workload.arguments(np.random.default_rng(20), SIZE)
    found, expected = results(fuse(workload.function)(*arguments)), results(workload.function(*arguments))
    for own, other in zip(found, expected, strict=True):
        assert np.shape(own) == np.shape(other)
        np.testing.assert_allclose(own, other, rtol=workload.tolerance, atol=workload.tolerance)


def test_the_family_has_every_operation_on_every_shape(backend):
    assert (len(SHAPES), len(OPERATIONS)) == (17, 17)
    fused = {operation: fuse(function) for operation, function in OPERATIONS.items()}
    for shape in SHAPES:
        for operation in OPERATIONS:
            workload = WORKLOADS[f"{operation}_of_{shape}"]
            arguments = workload.arguments(np.random.default_rng(20), SIZE)
            found, expected = fused[operation](*arguments), workload.function(*arguments)
            np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", DEFAULT)
def test_a_workload_names_its_source(name):
    assert len(WORKLOADS[name].source) > 10


def test_numpy_with_memory_at_hand_gives_the_same_again():
    counted = 0
    for name in DEFAULT:
        workload = WORKLOADS[name]
        arguments = workload.arguments(np.random.default_rng(20), SIZE)
        expected = results(workload.function(*arguments))
        try:
            call = contend(PEERS["numpy_out"], workload, arguments, None, find_place("cpu"), expected)
        except Unable:
            continue
        counted += 1
        for _ in range(2):
            for own, other in zip(call.run(), expected, strict=True):
                np.testing.assert_array_equal(own, other, err_msg=name)
    assert counted > 20


def test_a_contender_with_another_result_is_left_out():
    workload, other = WORKLOADS["triad"], WORKLOADS["many_inputs"]
    arguments = workload.arguments(np.random.default_rng(20), SIZE)
    wrong = PEERS["numpy"].make
    entrant = type(PEERS["numpy"])(lambda _, given, *rest: wrong(other, [*given, *given, *given[:2]], *rest), "wrong")
    with pytest.raises(Unable, match="its result is another one: Not equal to tolerance"):
        contend(entrant, workload, arguments, None, find_place("cpu"), results(workload.function(*arguments)))


def test_published_density_of_sea_water():
    # Near TEOS-10's own for water of 35 g/kg and 10 degrees at the surface, about 1,026.8 kg per cubic metre.
    density, expansion = WORKLOADS["sea_water"].function(35.0, 10.0, 0.0)
    assert density == pytest.approx(1026.8, abs=0.3)
    warmer, _ = WORKLOADS["sea_water"].function(35.0, 10.001, 0.0)
    assert expansion == pytest.approx((density - warmer) / 0.001 / density, rel=1e-4)


def test_where_files_lie_is_not_told():
    def fail(*_):
        raise ValueError("cannot compile /home/me/some where/function.py (3)")

    with pytest.raises(Unable, match=r"^ValueError: cannot compile .*function.py \(3\)$") as caught:
        contend(type(PEERS["numpy"])(fail, "fails"), WORKLOADS["triad"], (), None, find_place("cpu"), ())
    assert "/" not in str(caught.value)
