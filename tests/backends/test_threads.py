"""Eight threads at once, with every backend: one key per graph, one kernel per graph, and all results right."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from crowds import together
from fuser_core import fuse, n_compiled_kernels, register_fusion, run_fusion, use_backends
from fuser_core.testing import expect
from fuser_core.testing.runner import build
from usable import backends, compilers

X, Y = np.linspace(-2, 2, 1001), np.linspace(0.5, 1, 1001)
_numbers = itertools.count(1)


@pytest.fixture(params=backends())
def backend(request):
    with use_backends(request.param):
        yield request.param


def fresh_graph():
    """Return a graph like no other in this process: ``x * y + n``, and its sum."""
    number = float(next(_numbers))

    def body(graph):
        (product,) = graph.add("np::multiply", [0, 1]).outputs
        (total,) = graph.add("np::add", [product, graph.constant(number)]).outputs
        return [total, *graph.add("np::sum", [total]).outputs]

    return build(2, body)


def check(graph, stack, arguments):
    for result, expected in zip(stack, expect(graph, arguments), strict=True):
        expected.check(result, f"an output of\n{graph}\n")


def use(name, work):
    """Return the function, run with one backend: a context of the main thread is not one of its threads."""

    def run(number):
        with use_backends(name):
            return work(number)

    return run


@pytest.mark.parametrize("round_", range(3))
def test_the_same_graph(backend, round_):
    graph = fresh_graph()
    before = n_compiled_kernels()

    def work(number):
        key = register_fusion(graph)
        for _ in range(20):
            stack = ["below", X + number, Y]
            run_fusion(key, stack)
            assert stack.pop(0) == "below"
        return key, stack

    results = together(8, use(backend, work))
    assert len({key for key, _ in results}) == 1
    for number, (_, stack) in enumerate(results):
        check(graph, stack, [X + number, Y])
    assert n_compiled_kernels() - before == (backend in compilers())


@pytest.mark.parametrize("round_", range(3))
def test_different_graphs(backend, round_):
    graphs = [fresh_graph() for _ in range(8)]
    before = n_compiled_kernels()

    def work(number):
        found = {}
        for place in [(number + step) % 8 for step in range(8)]:  # each thread in an order of its own
            stack = [X, Y + number]
            key = register_fusion(graphs[place])
            run_fusion(key, stack)
            found[place] = key, stack
        return found

    results = together(8, use(backend, work))
    for place, graph in enumerate(graphs):
        assert len({found[place][0] for found in results}) == 1
        for number, found in enumerate(results):
            check(graph, found[place][1], [X, Y + number])
    assert len({found[place][0] for found in results for place in found}) == 8
    assert n_compiled_kernels() - before == 8 * (backend in compilers())


def test_equal_graphs_that_were_built_apart(backend):
    number = float(next(_numbers))

    def body(graph):
        return graph.add("np::add", [*graph.add("np::multiply", [0, 1]).outputs, graph.constant(number)]).outputs

    keys = together(8, lambda _: register_fusion(build(2, body)))
    assert len(set(keys)) == 1


@pytest.mark.parametrize("round_", range(3))
def test_one_fresh_function(backend, round_):
    weights, number = np.linspace(1, 2, 1001), float(next(_numbers))
    fused = fuse(lambda x, y: (np.exp(x) * y + weights * number, (x * y).sum()))
    before = n_compiled_kernels()

    def work(number):
        return fused(X + number, Y)

    results = together(8, use(backend, work))
    for place, (first, second) in enumerate(results):
        np.testing.assert_allclose(first, np.exp(X + place) * Y + weights * number, rtol=1e-12)
        np.testing.assert_allclose(second, ((X + place) * Y).sum(), rtol=1e-12)
    assert n_compiled_kernels() - before == (backend in compilers())
    assert fused.last_run.backend == backend


def test_functions_that_call_each_other(backend):
    @fuse
    def inner(x):
        return x * x - 1

    @fuse
    def outer(x, y):
        return inner(x) + inner(y)

    def work(number):
        if number % 2:
            return inner(X)
        return outer(X, Y)

    for number, result in enumerate(together(8, use(backend, work))):
        expected = X * X - 1 if number % 2 else (X * X - 1) + (Y * Y - 1)
        np.testing.assert_allclose(result, expected, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("threads", [1, 4])
def test_large_arrays_through_one_pool(backend, threads):
    large = np.linspace(0, 1, 400_003)
    fused = fuse(threads=threads)(lambda x, y: (np.sin(x) * y, (x - y).max()))

    def work(number):
        return [fused(large, float(number)) for _ in range(3)]

    for number, results in enumerate(together(8, use(backend, work))):
        for product, largest in results:
            np.testing.assert_allclose(product, np.sin(large) * number, rtol=1e-12, atol=1e-15)
            assert largest == (large - number).max()


def test_the_first_eight_calls_of_a_process_may_come_at_once():
    """Whatever a backend makes once per process must outlive the thread that lost the race to make it."""
    program = """
        import gc, threading
        import numpy as np
        from fuser_core import fuse
        x = np.linspace(0, 1, 1000)
        fused = [fuse(eval(f"lambda x: np.exp(x * {number}.5) + x.sum()", {"np": np})) for number in range(8)]
        barrier, wrong = threading.Barrier(8), []
        def work(number):
            barrier.wait(30)
            for _ in range(30):
                result = fused[number](x)
            if not np.allclose(result, np.exp(x * (number + 0.5)) + x.sum()):
                wrong.append(number)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        gc.collect()
        for number in range(8):
            work_again = fused[number](x)
        assert not wrong, wrong
    """
    environment = {**os.environ, "FUSER_NUM_THREADS": "4"}
    for _ in range(3):
        command = [sys.executable, "-c", textwrap.dedent(program)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)  # noqa: S603
        assert done.returncode == 0, f"exit code {done.returncode}\n{done.stderr}"
