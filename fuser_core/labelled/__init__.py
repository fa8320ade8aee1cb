"""Arrays with labels: pandas' Series and DataFrames, and xarray's objects.

A function that works on each element alone is one kernel on their values, between pandas' (or xarray's) aligning of the
arguments and its labelling of the results. Any other has the library's semantics (sums skip NaN there, axes have
names), so the function itself is called.
"""
