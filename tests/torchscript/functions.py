"""All functions that PyTorch scripts for the tests, by name."""

import inspect

from torchscript import functions_of_numbers, functions_of_shapes

FUNCTIONS = {
    name: function
    for module in (functions_of_numbers, functions_of_shapes)
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__
}
"""Every function by name."""
