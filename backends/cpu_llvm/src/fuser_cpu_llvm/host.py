"""This processor, as LLVM is told of it: by what it can do, never by its name alone.

A virtual machine may report a processor and withhold some of its instructions. So what LLVM has found out by asking is
listed in full, present or absent, and outweighs what the name stands for; where LLVM cannot ask, there is no name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import llvmlite.binding as llvm

__all__ = ["host_features", "host_target"]

_FEATURE = re.compile(r"[\w.-]+")
_INDISPENSABLE = frozenset({"64bit", "sse", "sse2", "fp-armv8", "neon"})
"""What the calling conventions of x86-64 and AArch64 rest on: LLVM ends the process that denies one of these."""


def host_features() -> Mapping[str, bool]:
    """Return what this processor has and lacks, by LLVM's names; nothing where LLVM cannot tell."""
    try:
        found = llvm.get_host_cpu_features()
    except RuntimeError:
        return {}
    return {name: has for name, has in found.items() if _FEATURE.fullmatch(name)}


def host_target() -> tuple[str, str]:
    """Return the processor and the features to compile for, as LLVM's target machine takes them.

    Both are empty, which is the least processor of this architecture, where LLVM cannot tell the features.
    """
    features = host_features()
    if not features:
        return "", ""
    flags = [f"{'+' if has or name in _INDISPENSABLE else '-'}{name}" for name, has in sorted(features.items())]
    return llvm.get_host_cpu_name(), ",".join(flags)
