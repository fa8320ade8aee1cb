"""Object files as LLVM writes them on Linux for x86-64, read as far as running them needs.

Code that may lie anywhere has relocations of one kind only: whole addresses. A file with anything else is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["ObjectFile", "UnmappableError"]

_IDENTITY = b"\x7fELF\x02\x01\x01"
"""An ELF file: of 64 bits, little-endian, version 1."""

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQq")
_WORD = struct.Struct("<Q")

# As ELF numbers them: the kind of file and machine, types of sections, flags of sections, the relocation.
_OBJECT, _X86_64 = 1, 62
_CONTENT, _SYMBOLS, _RELOCATIONS, _SHORT_RELOCATIONS, _UNWINDING = 1, 2, 4, 9, 0x7000_0001
_WRITTEN, _IN_MEMORY = 1, 2
_UNDEFINED = 0
_ADDRESS = 1

_PAGE = 4096
_DAMAGE = (struct.error, IndexError, ValueError, ArithmeticError)
"""What reading a damaged file may raise."""


class UnmappableError(Exception):
    """An object file cannot be put into memory here, for the reason given."""


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class ObjectFile:
    """An object file.

    Attributes:
        size: Bytes of memory that it needs.
    """

    def __init__(self, code: bytes) -> None:
        """Read the file's tables.

        Raises:
            UnmappableError: It is of another kind.
        """
        try:
            identity, kind, machine, _, _, _, start, _, _, _, _, entry, count, _ = _HEADER.unpack_from(code)
            if not identity.startswith(_IDENTITY) or (kind, machine, entry) != (_OBJECT, _X86_64, _SECTION.size):
                raise UnmappableError("it is no object code for x86-64")
            self._code = code
            self._sections = [_Section(*_SECTION.unpack_from(code, start + number * entry)) for number in range(count)]
            (symbols,) = [section for section in self._sections if section.type == _SYMBOLS]
            self._symbols = list(_SYMBOL.iter_unpack(self._content(symbols)))
            self._names = self._content(self._sections[symbols.link])
            self._lay_out()
        except _DAMAGE as error:
            raise UnmappableError(f"it is no object code: {error}") from error

    def _lay_out(self) -> None:
        """Give each section that belongs into memory its place there."""
        self._places: dict[int, int] = {}
        self.size = 0
        for number, section in enumerate(self._sections):
            if not section.flags & _IN_MEMORY or not section.size or section.type == _UNWINDING:
                continue  # nobody unwinds the stack through this code
            if section.type != _CONTENT or section.flags & _WRITTEN:
                raise UnmappableError("it has variables")
            if section.alignment > _PAGE:
                raise UnmappableError("it needs more than whole pages")
            self._places[number] = -(-self.size // section.alignment) * section.alignment
            self.size = self._places[number] + section.size
        if not self.size:
            raise UnmappableError("it has no code")

    def link(self, base: int, outside: Callable[[str], int]) -> tuple[bytes, dict[str, int]]:
        """Return the memory's content, and the addresses of the functions in it by name.

        Args:
            base: The memory's address, aligned to a page.
            outside: Returns the address of a function that the code calls, or raises `UnmappableError`.

        Raises:
            UnmappableError: It needs more than whole addresses.
        """
        memory = bytearray(self.size)
        for number, place in self._places.items():
            content = self._content(self._sections[number])
            memory[place : place + len(content)] = content
        functions: dict[str, int] = {}
        addresses: list[int] = []
        try:
            for name, info, _, section, value, _ in self._symbols:
                inside = section in self._places
                addresses.append(base + self._places[section] + value if inside else 0)
                if inside and info >> 4:  # local ones have 0 there
                    functions[self._name(name)] = addresses[-1]
            for place, number, addend in self._relocations():
                if not addresses[number]:
                    addresses[number] = self._find(number, outside)
                _WORD.pack_into(memory, place, addresses[number] + addend)
        except _DAMAGE as error:
            raise UnmappableError(f"it is no object code: {error}") from error
        return bytes(memory), functions

    def _relocations(self) -> Iterator[tuple[int, int, int]]:
        """Yield where an address belongs in memory, the number of its symbol, and what is added."""
        for section in self._sections:
            if section.type not in (_RELOCATIONS, _SHORT_RELOCATIONS) or section.info not in self._places:
                continue
            if section.type == _SHORT_RELOCATIONS:
                raise UnmappableError("it has short relocations")
            start = self._places[section.info]
            for offset, info, addend in _RELOCATION.iter_unpack(self._content(section)):
                if info & 0xFFFF_FFFF != _ADDRESS:
                    raise UnmappableError(f"it has a relocation of type {info & 0xFFFF_FFFF}")
                yield start + offset, info >> 32, addend

    def _find(self, number: int, outside: Callable[[str], int]) -> int:
        name, _, _, section, _, _ = self._symbols[number]
        if section != _UNDEFINED:
            raise UnmappableError(f"{self._name(name)!r} is in no section that belongs into memory")
        return outside(self._name(name))

    def _name(self, start: int) -> str:
        return self._names[start : self._names.index(b"\0", start)].decode()

    def _content(self, section: _Section) -> bytes:
        if section.offset + section.size > len(self._code):
            raise UnmappableError("it ends too early")
        return self._code[section.offset : section.offset + section.size]
