"""TorchScript text: the front end that reads a graph as PyTorch prints it.

From the bottom: `lexer` makes tokens, `literals` and `parser` make statements, `lowering` makes a graph.
"""

from fuser_core.semantics.aten.random import set_generator
from fuser_core.torchscript.parse import parse_ir

__all__ = ["parse_ir", "set_generator"]
