"""Decompositions: composite operators as the elementwise operations and reductions that kernels are made of.

Formulas are PyTorch's own. What draws random numbers, multiplies matrices or convolves stays whole: PyTorch runs it.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch._decomp import get_decompositions

__all__ = ["decompositions"]

_NAMES = """
    _log_softmax _log_softmax_backward_data _softmax _softmax_backward_data _native_batch_norm_legit
    _native_batch_norm_legit_functional _native_batch_norm_legit_no_training native_batch_norm
    native_batch_norm_backward native_layer_norm native_layer_norm_backward native_group_norm
    native_group_norm_backward native_dropout_backward gelu_backward silu_backward sigmoid_backward tanh_backward
    threshold_backward hardtanh_backward leaky_relu_backward elu_backward hardswish hardswish_backward hardsigmoid
    hardsigmoid_backward softplus softplus_backward mish mish_backward log_sigmoid_forward log_sigmoid_backward
    logit_backward mse_loss mse_loss_backward smooth_l1_loss smooth_l1_loss_backward huber_loss huber_loss_backward
    binary_cross_entropy binary_cross_entropy_backward binary_cross_entropy_with_logits linalg_vector_norm norm
    logsumexp glu glu_backward celu celu_ selu hardshrink softshrink softshrink_backward hardshrink_backward sinc
    xlogy special_xlog1py heaviside nan_to_num dist deg2rad rad2deg mvlgamma special_entr aminmax _prelu_kernel
    _prelu_kernel_backward sgn rrelu_with_noise_backward _fused_rms_norm _fused_rms_norm_backward isneginf isposinf
""".split()


def _var_mean(
    array: torch.Tensor, dim: Sequence[int] | None = None, *, correction: Any = None, keepdim: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return two reductions that a kernel holds, where PyTorch's formula is of primitives."""
    var = torch.ops.aten.var.correction(array, dim, correction=correction, keepdim=keepdim)
    return var, torch.ops.aten.mean.dim(array, dim, keepdim)


def _std_mean(
    array: torch.Tensor, dim: Sequence[int] | None = None, *, correction: Any = None, keepdim: bool = False
) -> tuple[torch.Tensor, torch.Tensor]:
    var, mean = _var_mean(array, dim, correction=correction, keepdim=keepdim)
    return torch.sqrt(var), mean


def _split(array: torch.Tensor, size: Any, dim: int = 0) -> Any:
    """Return slices, which can be a part of their readers' groups."""
    whole = array.shape[dim]
    if not isinstance(size, int) or not isinstance(whole, int):
        return NotImplemented
    return _cut(array, [min(size, whole - start) for start in range(0, whole, size)] if size and whole else [0], dim)


def _split_with_sizes(array: torch.Tensor, sizes: Sequence[int], dim: int = 0) -> Any:
    return _cut(array, sizes, dim) if all(isinstance(size, int) for size in sizes) else NotImplemented


def _cut(array: torch.Tensor, sizes: Sequence[int], dim: int) -> list[torch.Tensor]:
    starts = itertools.accumulate(sizes, initial=0)
    return [
        torch.ops.aten.slice.Tensor(array, dim, start, start + size) for start, size in zip(starts, sizes, strict=False)
    ]


def _unbind(array: torch.Tensor, dim: int = 0) -> Any:
    count = array.shape[dim]
    if not isinstance(count, int):
        return NotImplemented
    return [torch.ops.aten.select.int(array, dim, index) for index in range(count)]


_OWN: Mapping[Any, Callable[..., Any]] = {
    torch.ops.aten.var_mean.correction: _var_mean,
    torch.ops.aten.std_mean.correction: _std_mean,
    torch.ops.aten.split.Tensor: _split,
    torch.ops.aten.split_with_sizes.default: _split_with_sizes,
    torch.ops.aten.unbind.int: _unbind,
}


@functools.cache
def decompositions() -> Mapping[Any, Callable[..., Any]]:
    """Return formulas by operator: PyTorch's own, but for those above."""
    packets = [getattr(torch.ops.aten, name) for name in _NAMES if hasattr(torch.ops.aten, name)]
    found: Mapping[Any, Callable[..., Any]] = get_decompositions(packets)
    return {**found, **_OWN}
