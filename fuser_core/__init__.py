"""fuser_core: NumPy functions as single kernels, through pluggable backends.

Start with `fuse`. The functions of the original PyTorch fuser's interface are here too, and in
:mod:`fuser_core.interface`. Importing this package imports none of the machinery: each name loads its module when it
is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fuser_core.config import use_backends
    from fuser_core.discovery import refresh_backends
    from fuser_core.errors import (
        ArgumentError,
        DTypeError,
        FuserError,
        FuserWarning,
        FusionDeclinedError,
        GraphError,
        PluginError,
        PluginHookError,
        PluginLoadError,
        ShapeError,
        TraceError,
        UnknownBackendError,
        UnknownKeyError,
        UntraceableError,
        VerificationError,
    )
    from fuser_core.foreign import opaque
    from fuser_core.fused import fuse
    from fuser_core.graph import Graph
    from fuser_core.interface import (
        can_fuse_on_cpu,
        can_fuse_on_gpu,
        debug_get_fused_kernel_code,
        debug_launch_graph,
        n_compiled_kernels,
        override_can_fuse_on_cpu,
        override_can_fuse_on_gpu,
        register_fusion,
        run_fusion,
    )
    from fuser_core.torch_compile.scripted import fuse_torchscript as fuse_torchscript
    from fuser_core.torchscript import parse_ir

__version__ = "0.1.0"

__all__ = [
    "ArgumentError",
    "DTypeError",
    "FuserError",
    "FuserWarning",
    "FusionDeclinedError",
    "Graph",
    "GraphError",
    "PluginError",
    "PluginHookError",
    "PluginLoadError",
    "ShapeError",
    "TraceError",
    "UnknownBackendError",
    "UnknownKeyError",
    "UntraceableError",
    "VerificationError",
    "can_fuse_on_cpu",
    "can_fuse_on_gpu",
    "debug_get_fused_kernel_code",
    "debug_launch_graph",
    "fuse",
    "n_compiled_kernels",
    "opaque",
    "override_can_fuse_on_cpu",
    "override_can_fuse_on_gpu",
    "parse_ir",
    "refresh_backends",
    "register_fusion",
    "run_fusion",
    "use_backends",
]

_ERRORS = frozenset(name for name in __all__ if name.endswith(("Error", "Warning")))
_MODULES = {
    "Graph": "graph",
    "fuse": "fused",
    "fuse_torchscript": "torch_compile.scripted",
    "opaque": "foreign",
    "parse_ir": "torchscript",
    "refresh_backends": "discovery",
    "use_backends": "config",
}
"""Where names come from; one that needs PyTorch is no part of ``__all__``, so that a star import needs it not."""


def __getattr__(name: str) -> Any:
    if name not in __all__ and name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "errors" if name in _ERRORS else _MODULES.get(name, "interface")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
