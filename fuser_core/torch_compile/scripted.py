"""`fuse_torchscript`: a scripted or traced function or module of PyTorch as one fused graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch.autograd import forward_ad

from fuser_core.arguments import describe_arguments
from fuser_core.config import backend_order, default_threads
from fuser_core.errors import ArgumentError, FuserError, GraphError, PluginError
from fuser_core.graph import Graph
from fuser_core.kernel_spec import Request, intern
from fuser_core.location import warn_user
from fuser_core.log import logger
from fuser_core.torch_compile.tensors import array_of, tensor_of
from fuser_core.torchscript import parse_ir

__all__ = ["ScriptedFunction", "fuse_torchscript"]

_PLAIN = (torch.Tensor, torch.nn.Parameter)
_REFUSED = (FuserError, RuntimeError, TypeError, ValueError)
"""What is raised on the way to a program where PyTorch may serve the call."""


def fuse_torchscript(scripted: Any) -> ScriptedFunction:
    """Return a callable that computes what a scripted or traced function or module computes, fused.

    It takes what the original takes, as tensors or, with the same shapes and dtypes, as NumPy arrays, which makes
    results arrays too. What cannot be fused is computed by the original, and a `FuserWarning` says why, once: tensors
    that require gradients, control flow, unknown operations, sparse and quantised tensors, ``vmap``.

    Args:
        scripted: Of `torch.jit.script` or `torch.jit.trace`.

    Raises:
        ArgumentError: It is something else.
    """
    return ScriptedFunction(scripted)


class ScriptedFunction:
    """A scripted function or module, fused.

    Attributes:
        graph: What is fused; ``None`` where the original always runs.
        reason: Why the last call ran as the original; ``None`` when it was fused.
    """

    def __init__(self, scripted: Any) -> None:
        if not isinstance(scripted, torch.jit.ScriptFunction | torch.jit.ScriptModule):
            raise ArgumentError(
                f"fuse_torchscript takes what torch.jit.script or torch.jit.trace returns, and was given a "
                f"{type(scripted).__qualname__}; script it, or use torch.compile(..., backend='fuser')"
            )
        self.__wrapped__ = scripted
        self._method = scripted.forward if isinstance(scripted, torch.jit.ScriptModule) else scripted
        self._told: set[str] = set()
        self.reason: str | None = None
        self.graph: Graph | None = None
        self._obstacle: str | None = None
        try:
            self.graph, self._parameters, self._several = _read(scripted, self._method)
            self._spec = intern(self.graph)
        except GraphError as error:
            self._obstacle = str(error)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute; takes what the original takes."""
        reason = self._obstacle
        if reason is None:
            try:
                values = [*_bind(self._method.schema, args, kwargs), *self._parameters]
                reason = _obstacle(values)
                if reason is None:
                    return self._run(
                        values, all(not isinstance(value, torch.Tensor) for value in (*args, *kwargs.values()))
                    )
            except (PluginError, torch.OutOfMemoryError):
                raise
            except _REFUSED as error:
                reason = str(error)
        result = _original(self.__wrapped__, args, kwargs)  # which raises what is the caller's mistake
        self._tell(reason)
        return result

    def _run(self, values: Sequence[Any], of_arrays: bool) -> Any:
        arguments = [array_of(value) if isinstance(value, torch.Tensor) else value for value in values]
        program, _ = self._spec.program(describe_arguments(arguments), arguments, Request(backend_order()))
        made = program.run(arguments, default_threads())
        results = made if of_arrays else [_as_torch(result) for result in made]
        self.reason = None
        return tuple(results) if self._several else results[0]

    def _tell(self, reason: str) -> None:
        self.reason = reason
        if reason not in self._told:
            self._told.add(reason)
            name = getattr(self.__wrapped__, "original_name", None) or getattr(self.__wrapped__, "name", "the function")
            logger().info("fuse_torchscript: %s runs as it is: %s", name, reason)
            warn_user(f"{name} runs in PyTorch, not fused: {reason}")


def _read(scripted: Any, method: Any) -> tuple[Graph, list[torch.Tensor], bool]:
    """Return the graph, the tensors of a module that are its last inputs, and whether it returns a tuple.

    Raises:
        GraphError: It is nothing that a graph of ours says.
    """
    several = _returns_several(method.schema)
    text, parameters = scripted.inlined_graph, []
    if isinstance(scripted, torch.jit.ScriptModule):
        try:
            text, parameters = torch._C._jit_pass_lower_graph(text, scripted._c)  # noqa: SLF001 - PyTorch has no other way
        except RuntimeError as error:
            raise GraphError(f"its attributes are no tensors: {str(error).splitlines()[0]}") from error
    graph = parse_ir(str(text))
    if any(node.op == "aten::rand_like" for node in graph.nodes):
        raise GraphError("it draws random numbers, which are to be those of torch.manual_seed")
    return graph, list(parameters), several


def _returns_several(schema: Any) -> bool:
    kinds = [each.type.kind() for each in schema.returns]
    if kinds == ["TupleType"]:
        kinds = [each.kind() for each in schema.returns[0].type.elements()]
        if not set(kinds) - _RETURNED:
            return True
    if len(kinds) != 1 or set(kinds) - _RETURNED:
        raise GraphError("it returns something else than one tensor or number, or a tuple of these")
    return False


_RETURNED = {"TensorType", "IntType", "FloatType", "BoolType", "NumberType"}


def _bind(schema: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Return the arguments in the order of the graph's inputs.

    Raises:
        ArgumentError: They do not fit, which PyTorch says better.
    """
    parameters = [each for each in schema.arguments if each.name != "self" or each.type.kind() != "ClassType"]
    values = list(args)
    for each in parameters[len(values) :]:
        if each.name in kwargs:
            values.append(kwargs[each.name])
        elif each.has_default_value():
            values.append(each.default_value)
    if len(values) != len(parameters) or kwargs.keys() - {each.name for each in parameters[len(args) :]}:
        raise ArgumentError("the arguments do not fit the signature")
    return values


def _obstacle(values: Sequence[Any]) -> str | None:
    """Return why arguments are left to PyTorch."""
    if torch.get_default_dtype() is not torch.float32:
        return f"the default dtype is {torch.get_default_dtype()}, and integers become float32 in fused graphs"
    if forward_ad._current_level >= 0:  # noqa: SLF001 - PyTorch has no other way to ask
        return "forward-mode differentiation is on"
    for value in values:
        if isinstance(value, torch.Tensor):
            reason = _obstacle_of(value)
            if reason is not None:
                return reason
    devices = {value.device for value in values if isinstance(value, torch.Tensor) and value.ndim}
    if len(devices) > 1:
        return f"tensors are on {' and '.join(sorted(map(str, devices)))}"
    return None


def _obstacle_of(tensor: torch.Tensor) -> str | None:
    if type(tensor) not in _PLAIN or torch._C._functorch.is_functorch_wrapped_tensor(tensor):  # noqa: SLF001 - as above
        return "a tensor is of a subclass, or stands for others (vmap, grad)"
    if tensor.requires_grad and torch.is_grad_enabled():
        return (
            "a tensor requires a gradient, which fused graphs do not compute; call it under torch.no_grad(), or train "
            "with torch.compile(..., backend='fuser')"
        )
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return f"a tensor is {tensor.dtype if tensor.is_quantized else tensor.layout}"
    return None if tensor.device.type in ("cpu", "cuda") else f"a tensor is on {tensor.device}"


def _original(scripted: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call the original; arrays go in and come out as tensors of the same memory."""
    arrays = [value for value in (*args, *kwargs.values()) if isinstance(value, np.ndarray)]
    if not arrays:
        return scripted(*args, **kwargs)
    result = scripted(*map(_as_tensor, args), **{name: _as_tensor(value) for name, value in kwargs.items()})
    if isinstance(result, tuple):
        return tuple(item.detach().numpy() if isinstance(item, torch.Tensor) else item for item in result)
    return result.detach().numpy() if isinstance(result, torch.Tensor) else result


def _as_tensor(value: Any) -> Any:
    return torch.from_numpy(value) if isinstance(value, np.ndarray) else value


def _as_torch(result: Any) -> Any:
    return result if isinstance(result, bool | int | float) else tensor_of(result)
