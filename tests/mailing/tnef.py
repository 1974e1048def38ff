"""Files as Outlook packs them into winmail.dat."""

import struct


def attribute(number: int, value: bytes) -> bytes:
    """One attribute of a file, with its length and sum."""
    return struct.pack("<BII", 2, number, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def winmail(*files: tuple[str, bytes]) -> bytes:
    """A TNEF stream with these files."""
    packed = [
        attribute(0x00069002, bytes(14))
        + attribute(0x00018010, name.encode("cp1252") + b"\0")
        + attribute(0x0006800F, content)
        for name, content in files
    ]
    return struct.pack("<IH", 0x223E9F78, 1) + attribute(0x00078008, b"IPM.Microsoft Mail.Note\0") + b"".join(packed)
