"""What stands in winmail.dat: the files in it (TNEF, MS-OXTNEF 2.1.3). Whatever else Outlook keeps there is its own.

A TNEF stream is a row of attributes with their lengths, so it is read in one go, with no more memory than it has
itself. What does not add up ends the reading; what was found until then counts.
"""

import struct
from collections.abc import Iterator

SIGNATURE = 0x223E9F78
#: Attributes that begin a file, name it, and hold it (MS-OXTNEF 2.1.3.1).
_BEGINS, _NAME, _CONTENT = 0x00069002, 0x00018010, 0x0006800F
_HEAD, _ATTRIBUTE, _CHECKSUM = struct.Struct("<IH"), struct.Struct("<BII"), struct.Struct("<H")
MOST_ATTRIBUTES, MOST_FILES = 2_000, 20


def files_in(content: bytes) -> list[tuple[str, bytes]]:
    """The names, in lower case, and contents of the files in a TNEF stream; none if it is none. Never raises."""
    files: list[tuple[str, bytes]] = []
    name, data = "", b""
    for attribute, value in _attributes(content):
        if attribute == _BEGINS:
            files += [(name, data)] if data else []
            name, data = "", b""
        elif attribute == _NAME:
            name = value.split(b"\0", 1)[0].decode("cp1252", "replace").strip().lower()
        elif attribute == _CONTENT:
            data = value
        if len(files) == MOST_FILES:
            return files
    return [*files, (name, data)] if data else files


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each attribute whose sum is right, up to the first that is not."""
    if len(content) < _HEAD.size or _HEAD.unpack_from(content)[0] != SIGNATURE:
        return
    position = _HEAD.size
    for _ in range(MOST_ATTRIBUTES):
        begins = position + _ATTRIBUTE.size
        if begins > len(content):
            return
        _level, attribute, length = _ATTRIBUTE.unpack_from(content, position)
        ends = begins + length
        if ends + _CHECKSUM.size > len(content):
            return
        value = content[begins:ends]
        if _CHECKSUM.unpack_from(content, ends)[0] != sum(value) & 0xFFFF:
            return
        yield attribute, value
        position = ends + _CHECKSUM.size
