"""PyTorch's compiler as a front end: ``torch.compile(model, backend="fuser")``.

An entry point makes the backend known, so that nothing has to be imported. Graphs come from AOTAutograd, forward and
backward. What kernels hold becomes groups; all else is run by PyTorch, as if it had not been compiled. Importing this
imports PyTorch.
"""

from __future__ import annotations

from fuser_core.torch_compile.compiler import compile_graph
from fuser_core.torch_compile.report import Compilation, collect_compilations

__all__ = ["Compilation", "collect_compilations", "compile_graph"]
