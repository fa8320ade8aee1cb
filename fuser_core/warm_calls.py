"""A warm call as a backend sees it: arrays of one layout, kernels to launch, and what has to be as it was.

Nothing of it depends on the values of a call, so a backend can write it down as machine code, or as a table for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from fuser_core.plan import DType
from fuser_core.records import frozen
from fuser_core.watches import Watch

__all__ = ["CallEntry", "ComputedNumber", "Container", "Exactly", "KernelCall", "Located", "PreparedLaunch", "WarmCall"]


Array = np.ndarray[Any, DType]


@frozen
class Located:
    """An array by where it lies.

    Attributes:
        buffer: Number of the memory that it lies in: first the arguments, then `WarmCall.captured`, the results,
            `WarmCall.constants`, `WarmCall.boxes` and `WarmCall.spaces`.
        offset: Bytes from there to its first element.
        dtype: Of its elements.
        shape: Its sizes.
        strides: In bytes.
    """

    buffer: int
    offset: int
    dtype: DType
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@frozen
class KernelCall:
    """One launch: what the backend's ``launch`` would be given, as places."""

    kernel: Any
    inputs: tuple[Located, ...]
    outputs: tuple[Located, ...]


@frozen
class Exactly:
    """An argument that must be this very object."""

    value: object


@frozen
class ComputedNumber:
    """A Python number that is computed of others in every call.

    Attributes:
        function: What computes it.
        inputs: What it is given: `Exactly` this, or a place, that of an argument or, behind them all, of a number
            that was computed before.
    """

    function: Callable[..., Any]
    inputs: tuple[int | Exactly, ...]


@frozen
class Container:
    """What results are returned in.

    Attributes:
        kind: ``tuple``, a class of named tuples, ``list`` or ``dict``.
        keys: Of a ``dict``, in order.
    """

    kind: type
    keys: tuple[Any, ...] = ()


@frozen
class WarmCall:
    """All that a call of a fused function does, for arguments of one layout.

    Attributes:
        arguments: What is given: an array, by its layout, strides included; a number of Python's, by its type; a scalar
            of NumPy's, by its type, whose value is the buffer; anything else as it is.
        names: Of the last of them, those that are given as keywords, in this order.
        captured: Arrays in the function's surroundings, which are read as well; watches tell whether they are still the
            same arrays, but not whether they still have this layout.
        results: The arrays that are made, each dense, with its axes in some order.
        scalars: Per result, whether NumPy returns a scalar in its place.
        container: What the function returns its results in; ``None`` for one result as it is.
        constants: Arrays that are the same in every call.
        boxes: Numbers that kernels read: each the place of an argument or, behind these, of a computed one, and the
            dtype that it is converted to; a number that this does not hold is no call of this kind.
        spaces: Bytes of memory that lives as long as a call.
        kernels: The launches, in order.
        watches: What has to be as it was.
        threads: The most to use.
        computed: Numbers that are computed first. An entry is given no such calls.
    """

    arguments: tuple[Located | type | Exactly, ...]
    names: tuple[str, ...]
    captured: tuple[tuple[Array, Located], ...]
    results: tuple[Located, ...]
    scalars: tuple[bool, ...]
    container: Container | None
    constants: tuple[Array, ...]
    boxes: tuple[tuple[int, DType], ...]
    spaces: tuple[int, ...]
    kernels: tuple[KernelCall, ...]
    watches: tuple[Watch, ...]
    threads: int
    computed: tuple[ComputedNumber, ...] = ()


class PreparedLaunch(Protocol):
    """A launch of which all is fixed but addresses, numbers and the stream; a backend's ``prepare`` hook makes it.

    Attributes:
        places: What `launch` is given, in this order: places among the inputs and, behind these, the outputs.
        workspace: Bytes of memory on the device that a launch has for itself until its kernels have run.
    """

    @property
    def places(self) -> Sequence[int]: ...
    @property
    def workspace(self) -> int: ...

    def launch(self, values: Sequence[Any], stream: int | None) -> None:
        """Launch; called by several threads.

        Args:
            values: For each of ``places`` an address, or of an input on the host a number, of Python's or NumPy's: what
                `numpy.asarray` makes of it and the input's dtype is what the kernel reads, infinities for floats that
                are too large included. Behind these the address of the workspace, if one is wanted.
            stream: As `fuser_core.backend.ArrayDesc` has it; all arrays are in use on this one.

        Raises:
            OverflowError: The input's dtype does not hold an integer (NumPy's own message).
            Exception: Whatever else went wrong; it reaches the user.
        """


class CallEntry(Protocol):
    """What serves the calls of one fused function without Python; a backend's ``entry`` hook makes it.

    It is reached as PEP 590 says: ``function`` is called with the fused function's object, which holds ``table`` at
    `fuser_core.vectorcall.TABLE`. A call that it does not know goes to the callable that the hook was given.

    Attributes:
        function: Address of a ``vectorcallfunc``.
        table: An address for it.
        served: Number of the warm call that served the last call; ``None`` after Python did.
    """

    function: int
    table: int
    served: int | None

    def add(self, call: WarmCall) -> int | None:
        """Serve calls of this kind from now on.

        Returns:
            Its number, which may be that of one that is forgotten; ``None`` where it cannot be served.
        """
