"""The command ``fuser-core``: what it takes, and which module does it.

Each command loads its module when it is chosen, so ``--help`` needs no NumPy.
"""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from fuser_core.errors import ArgumentError, DTypeError, FuserError, FuserWarning, GraphError, ShapeError

__all__ = ["main"]

_BACKENDS = "List the installed backends, in the order of asking, and why one is not used."
_EXPLAIN = "Show what a graph becomes for inputs of given kinds. Nothing in FILE is executed, and no kernel runs."
_CACHE = "Show where compiled code is kept, how much there is, and why it is not used; 'clear' removes it."
_NEW_BACKEND = "Write the distribution of a backend of your own, which builds, installs and passes the standard tests."
_BENCH = "Time workloads by the installed backends, NumPy and other compilers, in turn, beside a copy of as many bytes."
_MORE = """
Inputs without --input are assumed by the types in FILE; a Tensor is taken for float32[16,16]. To explain a function
rather than a text, call f.explain(...) in Python.
"""
_MISTAKES = (ArgumentError, DTypeError, GraphError, ShapeError)
"""What is wrong with what the user gave, not with what is installed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status: 0, 1 where no backend can serve, 2 for what was given wrong."""
    chosen = _parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("always", FuserWarning)
        warnings.showwarning = _show
        try:
            status = _run(chosen)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever was reading has seen enough, as in `fuser-core ... | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        except FuserError as error:
            print(f"fuser-core: error: {error}", file=sys.stderr)
            return 2 if isinstance(error, _MISTAKES) else 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="fuser-core", description="NumPy functions as single kernels.")
    commands = parser.add_subparsers(dest="command", required=True)
    backends = commands.add_parser(
        "backends", help="list the installed backends, in the order of asking", description=_BACKENDS
    )
    backends.add_argument("--check", action="store_true", help="try each with a small program, and compare with NumPy")
    backends.add_argument("--json", action="store_true", help="print JSON")
    cache = commands.add_parser("cache", help="show or clear the cache of compiled code", description=_CACHE)
    cache.add_argument("action", nargs="?", choices=["clear"], help="remove all entries")
    cache.add_argument("--json", action="store_true", help="print JSON")
    commands.add_parser("demo", help="great-circle distances between all pairs of 3,376 airports")
    explain = commands.add_parser(
        "explain",
        help="show what a graph becomes: plan, kernels, backends, reasons",
        description=_EXPLAIN,
        epilog=_MORE,
    )
    explain.add_argument(
        "file", metavar="FILE", help="text of a graph, as PyTorch or fuser_core prints it; - for stdin"
    )
    explain.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="SPEC",
        dest="inputs",
        help="dtype and shape of an array, 'float32[1000,3]', or a Python number, 3.5; once per input, in order",
    )
    explain.add_argument("--code", action="store_true", help="append the code that the backends generate")
    form = explain.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON")
    form.add_argument("--mermaid", action="store_true", help="print a picture instead, as Mermaid text")
    _add_bench(commands.add_parser("bench", help="time backends, NumPy and its peers", description=_BENCH))
    new = commands.add_parser("new-backend", help="write the distribution of a new backend", description=_NEW_BACKEND)
    new.add_argument("name", metavar="NAME", help="of the backend, such as my_engine")
    new.add_argument("--into", default=".", metavar="FOLDER", help="where its folder is made (default: here)")
    return parser


def _add_bench(bench: argparse.ArgumentParser) -> None:
    bench.add_argument("workloads", nargs="*", metavar="WORKLOAD", help="names (default: all but the group 'shapes')")
    bench.add_argument("--backend", nargs="+", default=[], metavar="NAME", help="default: all that serve the device")
    bench.add_argument("--peer", nargs="+", default=[], metavar="NAME", help="default: all that are installed")
    bench.add_argument("--size", nargs="+", type=int, default=[4_000_000], metavar="N", help="elements of an array")
    bench.add_argument("--threads", nargs="+", type=int, default=[], metavar="N", help="default: those there are")
    bench.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="where arrays lie (default: cpu)")
    bench.add_argument("--group", nargs="+", default=[], metavar="NAME", help="the workloads of these groups")
    bench.add_argument("--rounds", type=int, default=11, metavar="N", help="turns of each (default: 11)")
    bench.add_argument("--list", action="store_true", help="measure nothing; list workloads with their sources")
    bench.add_argument(
        "--read", nargs="+", metavar="RESULT.json", help="measure nothing; take, and join, what was written"
    )
    bench.add_argument("--output", metavar="RESULT.json", help="write all that is found as JSON, after each workload")
    bench.add_argument("--report", metavar="FOLDER", help="write a page, Markdown and JSON there")
    bench.add_argument("--reasons", metavar="FILE.json", help="why workloads are behind, for the report")
    bench.add_argument("--compare", metavar="OLD.json", help="say what became slower beyond noise; exit with 1 if so")


def _run(chosen: argparse.Namespace) -> int:
    if chosen.command == "demo":
        from fuser_core.demo import run  # it needs packages of the extra "demo"

        return run()
    if chosen.command == "backends":
        from fuser_core.cli.backends import list_backends

        return list_backends(as_json=chosen.json, check=chosen.check)
    if chosen.command == "cache":
        from fuser_core.cli.cache import clear_cache, show_cache

        return clear_cache(as_json=chosen.json) if chosen.action == "clear" else show_cache(as_json=chosen.json)
    if chosen.command == "bench":
        from fuser_core.cli.bench import bench

        return bench(chosen)
    if chosen.command == "new-backend":
        from fuser_core.cli.new_backend import new_backend

        return new_backend(chosen.name, chosen.into)
    from fuser_core.cli.explain import explain

    form = "json" if chosen.json else "mermaid" if chosen.mermaid else "text"
    return explain(chosen.file, chosen.inputs, form, code=chosen.code)


def _show(message: Warning | str, *_: Any, **__: Any) -> None:
    """Show a warning without the line of code that it is about: here that is ours."""
    print(f"fuser-core: warning: {message}", file=sys.stderr)
