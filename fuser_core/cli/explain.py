"""``fuser-core explain``: what a graph becomes for inputs of given kinds, as text, JSON or a picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from fuser_core import explain as explanation
from fuser_core.arguments import describe_arguments
from fuser_core.cli.inputs import Input, choose_inputs
from fuser_core.cli.layout import fold, table
from fuser_core.cli.machine import as_data, facts
from fuser_core.cli.source import Source, read_source
from fuser_core.config import backend_order
from fuser_core.errors import ArgumentError, FuserError, FusionDeclinedError, UnknownBackendError
from fuser_core.graph import Graph
from fuser_core.kernel_spec import Request, intern
from fuser_core.picture import draw_program
from fuser_core.program import Program

__all__ = ["explain"]


def explain(file: str, specs: Sequence[str], form: str, *, code: bool) -> int:
    """Print the explanation of a file and return the exit status.

    Args:
        file: Its path, or ``-``.
        specs: What the user said of the graph's inputs.
        form: ``text``, ``json`` or ``mermaid``.
        code: Whether to append the generated code.

    Raises:
        FuserError: The file, an input or the choice of backends is wrong.
    """
    source = read_source(file)
    inputs = choose_inputs(source, specs)
    program = _compile(source, inputs)
    if form == "json":
        print(json.dumps(as_data(source, inputs, program, code=code), indent=2))
    elif form == "mermaid":
        print(draw_program(program, source.names))
    else:
        print("\n".join(_lines(source, inputs, program)))
        if code:
            print(f"\n{explanation.code(program) or 'There is no kernel, so there is no code.'}")
    return 0


def _compile(source: Source, inputs: Sequence[Input]) -> Program:
    values = [item.value for item in inputs]
    try:
        return intern(source.graph).program(describe_arguments(values), values, Request(backend_order()))[0]
    except (FusionDeclinedError, UnknownBackendError):
        raise
    except (FuserError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        given = ", ".join(f"{name} {item}" for name, item in zip(source.names, inputs, strict=True))
        what = "assumed; give others with" if any(item.assumed for item in inputs) else "given with"
        raise ArgumentError(f"{source.name}: the graph does not take {given} ({what} --input): {error}") from error


def _lines(source: Source, inputs: Sequence[Input], program: Program) -> Iterator[str]:
    yield str(source.graph)
    yield ""
    yield from fold(_summary(source.graph))
    if inputs:
        yield ""
        yield from _input_lines(source, inputs)
    yield ""
    yield str(program.plan)
    yield ""
    renamed = any(name != f"%{number}" for number, name in enumerate(source.names))
    yield explanation.report(source.name, program, source.names if renamed else (), (), None)


def _summary(graph: Graph) -> str:
    found = facts(graph)
    operations = found["operations"]
    counts = [
        _count(found["inputs"], "input"),
        _count(sum(operations.values()), "operation"),
        _count(found["constants"], "constant"),
        _count(found["outputs"], "output"),
    ]
    names = ", ".join(f"{name} x {count}" if count > 1 else name for name, count in operations.items())
    return f"{', '.join(counts)}{names and f': {names}'}"


def _input_lines(source: Source, inputs: Sequence[Input]) -> Iterator[str]:
    rows = [
        (name, str(given), "assumed" if given.assumed else "") for name, given in zip(source.names, inputs, strict=True)
    ]
    yield "inputs:"
    yield from table(rows, "  ")
    if any(item.assumed for item in inputs):
        yield from fold(
            "What is assumed can be given with --input, once for each input in order: 'float32[1000,3]'.", "  "
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
