"""PyTorch as the judge: what it prints for a function, and what eager execution of it returns."""

import inspect
import re
import warnings

import numpy as np
import torch

from torchscript.samples import arguments


def scripted_text(function):
    """Return the graph that PyTorch prints for a function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated, not gone
        return str(torch.jit.script(function).graph)


def names_of(function):
    """Return the names of a function's parameters."""
    return list(inspect.signature(function).parameters)


def eager(function, names):
    """Return the flat results of a function on its samples, as NumPy arrays and numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = function(*map(to_torch, arguments(names)))
    return [to_numpy(item) for item in flat(result)]


def to_torch(value):
    """Return an array as a tensor of its own memory."""
    return torch.from_numpy(value.copy()) if isinstance(value, np.ndarray) else value


def to_numpy(value):
    """Return a tensor as an array."""
    return value.numpy() if isinstance(value, torch.Tensor) else value


def flat(result):
    """Yield the leaves of nested tuples and lists."""
    if isinstance(result, tuple | list):
        for item in result:
            yield from flat(item)
    else:
        yield result


def without_paths(text):
    """Return a text whose source comments name files without their folders."""
    return re.sub(r"# \S*/", "# ", text)
