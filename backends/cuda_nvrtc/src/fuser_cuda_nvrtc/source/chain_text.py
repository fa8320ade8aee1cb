"""The text of a chain's module: the bodies of its groups, and a kernel that does a row of all of them in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fuser_core.backend import Chain, CompileOptions, Value
from fuser_core.records import frozen
from fuser_cuda_nvrtc.source.arrangement import Arrangement
from fuser_cuda_nvrtc.source.body import body_text
from fuser_cuda_nvrtc.source.chain_group import group_lines
from fuser_cuda_nvrtc.source.chain_values import ChainValues
from fuser_cuda_nvrtc.source.library import library_text, template_text
from fuser_cuda_nvrtc.source.module import MOST_UNROLLED, filled
from fuser_cuda_nvrtc.source.storage import storage

__all__ = ["CHAIN_ENTRY", "Hold", "chain_text"]

CHAIN_ENTRY = "chain"


@frozen
class Hold:
    """How much of a row a thread holds; for each there is a kernel of its own.

    Attributes:
        threads: Of a block.
        blocks: A processor is to have so many at once.
        lanes: Elements that are moved as one.
        packs: So many of those a thread holds; at most the last one may be missing.
        is_whole: Whether all threads of a block share a row.
    """

    threads: int
    blocks: int
    lanes: int
    packs: int
    is_whole: bool


def chain_text(
    chain: Chain, options: CompileOptions, arrangements: Sequence[Arrangement], values: ChainValues, hold: Hold
) -> str:
    """Write the module of a chain.

    Args:
        chain: The groups.
        options: See `body_text`.
        arrangements: Those of the groups' kernels.
        values: What is passed on.
        hold: How much of a row a thread holds.
    """
    bodies = [
        body_text(group, options, own, f"body{number}")
        for number, (group, own) in enumerate(zip(chain.groups, arrangements, strict=True))
    ]
    groups = [group_lines(chain, number, own, values) for number, own in enumerate(arrangements)]
    numbers = [
        f"const {kind.register} n{chain.inputs[place].id} = "
        + kind.load.format(f"read_number<{kind.memory}>(p.arrays, {own})")
        + ";"
        for own, place in enumerate(values.numbers)
        for kind in [storage(chain.inputs[place].dtype)]
    ]
    kinds = {values.source(value): storage(value.dtype).memory for value in _values(chain)}
    texts = {
        "numbers": "\n".join(numbers),
        "kept": "\n".join(f"Pack<{kinds[name]}> a{name}[HELD];" for name in values.born),
        "groups": "\n".join(line for lines in groups for line in lines),
    }
    kernel = filled(template_text("chain"), texts).strip()
    library = library_text(*bodies, kernel)
    return "\n\n".join((_constants(chain, values, hold), library, *bodies, kernel)) + "\n"


def _values(chain: Chain) -> Iterator[Value]:
    for group in chain.groups:
        yield from (*group.inputs, *group.outputs)


def _constants(chain: Chain, values: ChainValues, hold: Hold) -> str:
    rank = max(1, len(chain.axes[0]))
    numbers = {
        "ARRAYS": len(values.along),
        "NUMBERS": max(1, len(values.numbers)),
        "RANK": rank,
        "UNROLLED_RANK": rank if rank <= MOST_UNROLLED else 1,
        "THREADS": hold.threads,
        "BLOCKS": hold.blocks,
        "WHOLE": int(hold.is_whole),
        "LANES": hold.lanes,
        "HELD": hold.packs,
        "AHEAD": min(hold.packs, 4 if hold.lanes == 1 else 2),
    }
    return "\n".join(f"#define {name} {number}" for name, number in numbers.items())
