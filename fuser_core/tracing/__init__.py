"""The front end that reads Python functions: it runs them once on stand-ins that write down what they do.

A trace yields a graph, the arrays that the function captured, and everything that must still hold for the graph to
be used again.
"""

from fuser_core.tracing.array_tracer import ArrayTracer
from fuser_core.tracing.number_tracer import NumberTracer
from fuser_core.tracing.recorder import Trace, trace_function
from fuser_core.tracing.result import TraceResult
from fuser_core.tracing.tracer import Tracer

__all__ = ["ArrayTracer", "NumberTracer", "Trace", "TraceResult", "Tracer", "trace_function"]
