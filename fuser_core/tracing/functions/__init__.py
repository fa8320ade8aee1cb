"""NumPy's functions on traced arrays: one module per family, one table for all.

A function is written as NumPy documents it, in terms of ufuncs, reductions, views and the few operations of a graph
that have a name of their own. A family is imported when a function is called that no family before it has.
"""

from fuser_core.tracing.functions.table import apply_function, implementation_of, refused_functions, traced_functions

__all__ = ["apply_function", "implementation_of", "refused_functions", "traced_functions"]
