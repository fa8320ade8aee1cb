"""Decompositions: composite operators as the elementwise operations and reductions that kernels are made of.

Formulas are PyTorch's own. What draws random numbers, multiplies matrices or convolves stays whole: PyTorch runs it.
"""

from __future__ import annotations

import functools
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
    binary_cross_entropy binary_cross_entropy_backward binary_cross_entropy_with_logits soft_margin_loss
    soft_margin_loss_backward linalg_vector_norm norm logsumexp glu glu_backward celu celu_ selu
    hardshrink softshrink softshrink_backward hardshrink_backward masked_fill addcmul addcdiv lerp sinc xlogy
    special_xlog1py heaviside nan_to_num dist deg2rad rad2deg frac mvlgamma special_entr trace aminmax
    _prelu_kernel _prelu_kernel_backward rsub sgn rrelu_with_noise_backward _fused_rms_norm
    _fused_rms_norm_backward select_backward slice_backward logaddexp logaddexp2 isneginf isposinf hypot copysign
""".split()
_KEPT = frozenset("addcmul addcdiv lerp masked_fill frac rsub select_backward slice_backward trace".split())


_MOMENTS = torch.ops.aten.var_mean.correction, torch.ops.aten.std_mean.correction


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


@functools.cache
def decompositions() -> Mapping[Any, Callable[..., Any]]:
    """Return formulas by operator: PyTorch's own, but for means with variances."""
    packets = [getattr(torch.ops.aten, name) for name in _NAMES if name not in _KEPT if hasattr(torch.ops.aten, name)]
    found: Mapping[Any, Callable[..., Any]] = get_decompositions(packets)
    return {**found, **dict(zip(_MOMENTS, (_var_mean, _std_mean), strict=True))}
