"""Rewriting: chains of elementwise operations in a graph of Dask's become one kernel per chunk."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from fuser_core.config import backend_order
from fuser_core.dask_arrays.chunks import ChunkCall, ChunkKernel
from fuser_core.discovery import registry
from fuser_core.errors import ArgumentError

__all__ = ["fuse_dask"]

_OPERATORS = frozenset(
    getattr(operator, name)
    for name in """
    abs add and_ eq floordiv ge gt inv invert le lshift lt matmul mod mul ne neg or_ pos pow rshift sub truediv xor
    """.split()
    if name != "matmul"
)
_FUNCTIONS: tuple[Any, ...] = (
    *(np.where, np.clip, np.transpose, np.isclose, np.round, np.around, np.real, np.imag, np.angle, np.nan_to_num),
    *(np.sum, np.prod, np.max, np.min, np.any, np.all, np.expand_dims),
)
_NUMBERS = (bool, int, float, complex, np.generic)


def fuse_dask(collection: Any) -> Any:
    """Return a Dask array whose elementwise operations run as one kernel per chunk.

    Values, chunks, dtype and keys are those of the array; nothing is computed. Operations are joined as Dask joins them
    (``dask.array.optimize``): ufuncs and operators, ``where``, ``clip``, ``astype``, transposes, the first step of sums
    and other reductions, and calls of fused functions. All else stays as it is, such as the trees of reductions.

    Args:
        collection: A `dask.array.Array`.

    Raises:
        ArgumentError: It is something else, or an array of Dask's query planning, which has no graph yet.
    """
    core = import_module("dask.array.core")
    if not isinstance(collection, core.Array) or not hasattr(collection.dask, "layers"):
        raise ArgumentError(
            f"fuse_dask takes a dask.array.Array with a graph, not a {type(collection).__module__}."
            f"{type(collection).__qualname__}; of a DataFrame or a Dataset pass the arrays in it"
        )
    blockwise = import_module("dask.blockwise")
    keys = list(import_module("dask.core").flatten(collection.__dask_keys__()))
    graph = blockwise.optimize_blockwise(collection.dask, keys=keys)
    layers = {name: _rewrite(layer, blockwise.Blockwise) for name, layer in graph.layers.items()}
    rewritten = type(graph)(layers, graph.dependencies)
    return core.Array(rewritten, collection.name, collection.chunks, meta=collection._meta)  # noqa: SLF001 - Dask's way


def _rewrite(layer: Any, blockwise: Any) -> Any:
    """Return a layer whose task calls kernels; itself where there is no chain in it."""
    if not isinstance(layer, blockwise):
        return layer
    spec = import_module("dask._task_spec")
    task = layer.task
    if getattr(task.func, "__name__", "") != "_execute_subgraph":
        return layer
    inner, out, names, *given = task.args
    changed = _join(dict(inner), out, spec)
    if changed is None:
        return layer
    whole = spec.Task(task.key, task.func, changed, out, names, *given)
    own = layer.__dict__
    return blockwise(
        own["output"],
        own["output_indices"],
        whole,
        own["indices"],
        own["numblocks"],
        concatenate=own["concatenate"],
        new_axes=own["new_axes"],
        output_blocks=own["output_blocks"],
        annotations=own["annotations"],
        io_deps=own["io_deps"],
    )


def _join(inner: dict[Any, Any], out: Any, spec: Any) -> dict[Any, Any] | None:
    """Return a chunk's tasks with kernels in the place of chains; ``None`` where there is no chain."""
    order = list(_sorted(inner))
    stages: dict[Any, int] = {}
    for key in order:
        own = _is_traced(inner[key], spec)
        before = [(stages[dep], _is_traced(inner[dep], spec)) for dep in inner[key].dependencies if dep in inner]
        stages[key] = max((stage + (traced and not own) for stage, traced in before), default=0)
    changed = {key: task for key, task in inner.items() if not _is_traced(task, spec)}
    joined = False
    for stage in sorted(set(stages.values())):
        chain = [key for key in order if stages[key] == stage and _is_traced(inner[key], spec)]
        if not chain:
            continue
        read_later = {dep for key in inner if key not in chain for dep in inner[key].dependencies}
        results = [key for key in chain if key in read_later or key == out]
        joined = joined or len(chain) > 1
        changed.update(_kernel(chain, results, inner, spec) if len(chain) > 1 else {chain[0]: inner[chain[0]]})
    return changed if joined else None


def _sorted(inner: Mapping[Any, Any]) -> Iterator[Any]:
    """Yield the keys of tasks, each after those that it depends on."""
    done: set[Any] = set()
    pending = list(inner)
    while pending:
        key = pending[-1]
        missing = (
            [dep for dep in inner[key].dependencies if dep in inner and dep not in done] if key not in done else []
        )
        if missing:
            pending += missing
            continue
        pending.pop()
        if key not in done:
            done.add(key)
            yield key


def _kernel(chain: list[Any], results: list[Any], inner: Mapping[Any, Any], spec: Any) -> dict[Any, Any]:
    """Return the tasks that stand for a chain: one that calls its kernel, and one per result if there are several."""
    inputs: dict[Any, str] = {}
    names: dict[str, Any] = {}
    variables = {key: f"v{number}" for number, key in enumerate(chain)}
    lines = []
    for key in chain:
        task = inner[key]
        function, options = _called(task.func)

        def name(item: Any) -> str:
            if isinstance(item, spec.TaskRef):
                return variables.get(item.key) or inputs.setdefault(item.key, f"a{len(inputs)}")
            return _name(names, "c", item)

        arguments = [name(item) for item in task.args]
        arguments += [f"{option}={_name(names, 'c', value)}" for option, value in {**options, **task.kwargs}.items()]
        lines.append(f"    {variables[key]} = {_name(names, 'f', function)}({', '.join(arguments)})")
    returned = ", ".join(variables[key] for key in results)
    source = "\n".join([f"def chain({', '.join(inputs.values())}):", *lines, f"    return {returned}"])
    token = import_module("dask.base").tokenize(source, sorted(names.items(), key=lambda item: item[0]))
    kernel = ChunkKernel(source, names, token, _servers())
    taken = [spec.TaskRef(key) for key in inputs]
    if len(results) == 1:
        return {results[0]: spec.Task(results[0], kernel, *taken)}
    whole = f"{chain[-1]}-chain"
    found = {whole: spec.Task(whole, kernel, *taken)}
    for position, key in enumerate(results):
        found[key] = spec.Task(key, operator.itemgetter(position), spec.TaskRef(whole))
    return found


def _name(names: dict[str, Any], prefix: str, value: Any) -> str:
    """Return a name of the source for a value."""
    for name, known in names.items():
        if known is value:
            return name
    names[f"{prefix}{len(names)}"] = value
    return f"{prefix}{len(names) - 1}"


def _called(function: Any) -> tuple[Any, dict[str, Any]]:
    """Return the function that a task calls, and the keywords that are fixed in it."""
    if isinstance(function, ChunkCall):
        return function.function, {}
    if isinstance(function, partial):
        inner, options = _called(function.func)
        return inner, {**options, **function.keywords}
    return function, {}


def _is_traced(task: Any, spec: Any) -> bool:
    """Say whether a task can be a part of a kernel."""
    if type(task) is not spec.Task or not _is_known(task.func):
        return False
    return all(isinstance(item, (spec.TaskRef, *_NUMBERS)) for item in task.args) and all(
        _is_constant(value) for value in task.kwargs.values()
    )


def _is_known(function: Any) -> bool:
    if isinstance(function, ChunkCall):
        return function.is_plain
    if isinstance(function, partial):
        return not function.args and _is_known(function.func) and all(map(_is_constant, function.keywords.values()))
    if isinstance(function, np.ufunc):
        return function.signature is None
    astype = import_module("dask.array.chunk").astype
    return function is astype or any(function is known for known in (*_OPERATORS, *_FUNCTIONS))


def _is_constant(value: Any) -> bool:
    """Say whether an option is fixed: a number, a text, a dtype, or a tuple of these."""
    if isinstance(value, tuple):
        return all(map(_is_constant, value))
    return value is None or isinstance(value, (*_NUMBERS, str, np.dtype, type))


def _servers() -> tuple[str, ...]:
    """Return the backends that may serve chunks here, those named in the environment or a block, or all."""
    order = backend_order()
    plugins = [record.plugin for record in registry.records() if record.plugin is not None]
    known = [plugin.name for plugin in plugins if plugin.devices is None or "cpu" in plugin.devices]
    return tuple(known if order is None else [name for name in order if name in known])
