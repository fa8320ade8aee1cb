"""fuser_core: NumPy functions as single kernels, through pluggable backends.

Start with `fuse`. The functions of the original PyTorch fuser's interface are here too, and in
:mod:`fuser_core.interface`.
"""

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
)
from fuser_core.fuse import fuse
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
    "can_fuse_on_cpu",
    "can_fuse_on_gpu",
    "debug_get_fused_kernel_code",
    "debug_launch_graph",
    "fuse",
    "n_compiled_kernels",
    "override_can_fuse_on_cpu",
    "override_can_fuse_on_gpu",
    "refresh_backends",
    "register_fusion",
    "run_fusion",
    "use_backends",
]
