"""What spawned children run: a module that they can import, since they know nothing of the parent's."""

from __future__ import annotations

import threading

import numpy as np

TEXT = """
graph(%x : Tensor, %y : Tensor):
  %one : int = prim::Constant[value=1]()
  %sum : Tensor = aten::add(%x, %y, %one)
  %out : Tensor = aten::tanh(%sum)
  return (%out)
"""


def register_and_run(connection, backend):
    """Register a graph and call a fused function; send ``"ok"``, or what went wrong."""
    try:
        before = threading.active_count()
        from fuser_core import fuse, parse_ir, register_fusion, run_fusion, use_backends

        assert threading.active_count() == before  # an import starts no thread
        x, y = np.linspace(-2, 2, 400_003), np.linspace(0.5, 1, 400_003)
        with use_backends(backend):
            stack = [x, y]
            run_fusion(register_fusion(parse_ir(TEXT)), stack)
            np.testing.assert_allclose(stack[0], np.tanh(x + y), rtol=1e-12, atol=1e-14)
            fused = fuse(threads=4)(lambda x: np.exp(x) * 7.25 + x)
            np.testing.assert_allclose(fused(x), np.exp(x) * 7.25 + x, rtol=1e-12, atol=1e-14)
            assert fused.last_run.backend == backend
        connection.send("ok")
    except BaseException as error:  # noqa: BLE001  the parent wants to hear of it
        connection.send(repr(error))
