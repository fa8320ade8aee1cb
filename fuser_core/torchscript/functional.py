"""Functions of `torch.nn.functional` that TorchScript calls by name, and the operations that they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from fuser_core.torchscript.values import Fixed, Meaning

__all__ = ["FUNCTIONS", "Function"]


class Function(NamedTuple):
    """One function.

    Attributes:
        op: The operation.
        places: Which of its arguments the operation takes.
        arity: How many arguments it is called with.
        inplace: Whether its last argument asks it to work in place.
    """

    op: str
    places: tuple[int, ...]
    arity: int
    inplace: bool = False

    def fits(self, arguments: Sequence[Meaning]) -> bool:
        """Say whether a call with these arguments is the operation."""
        if len(arguments) != self.arity:
            return False
        last = arguments[-1]
        return not self.inplace or (isinstance(last, Fixed) and last.value is False)


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "relu": Function("aten::relu", (0,), 2, inplace=True),
        "relu6": Function("aten::relu6", (0,), 2, inplace=True),
        "silu": Function("aten::silu", (0,), 2, inplace=True),
        "leaky_relu": Function("aten::leaky_relu", (0, 1), 3, inplace=True),
        "elu": Function("aten::elu", (0, 1), 3, inplace=True),
        "hardtanh": Function("aten::hardtanh", (0, 1, 2), 4, inplace=True),
        "_threshold": Function("aten::threshold", (0, 1, 2), 4, inplace=True),
        "sigmoid": Function("aten::sigmoid", (0,), 1),
        "tanh": Function("aten::tanh", (0,), 1),
        "softmax": Function("aten::softmax", (0, 1, 3), 4),
        "log_softmax": Function("aten::log_softmax", (0, 1, 3), 4),
    }
)
"""By name."""
