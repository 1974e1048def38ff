"""winmail.dat: the files in it, however it was damaged (bad input 70)."""

import random
import struct
import time

import pytest

from nextevents.mailing.inbound import read
from nextevents.mailing.tnef import MOST_FILES, files_in
from tests.mailing.tnef import attribute, winmail


def test_files_come_with_their_names():
    content = winmail(("Antwort.ICS", b"BEGIN:VCALENDAR"), ("bild.png", bytes(range(256))))

    assert files_in(content) == [("antwort.ics", b"BEGIN:VCALENDAR"), ("bild.png", bytes(range(256)))]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        b"winmail",
        struct.pack("<IH", 0x223E9F78, 1),
        struct.pack("<IH", 0x223E9F79, 1) + winmail(("a.ics", b"x"))[6:],
        struct.pack("<IH", 0x223E9F78, 1) + struct.pack("<BII", 2, 0x0006800F, 0xFFFFFFFF),
    ],
    ids=["empty", "short", "text", "nothing in it", "another signature", "longer than it is"],
)
def test_what_is_no_such_file_holds_none(content):
    assert files_in(content) == []


def test_a_file_cut_off_at_any_byte_gives_the_whole_files_before_the_cut():
    first, whole = ("a.ics", b"first"), winmail(("a.ics", b"first"), ("b.ics", b"second"))

    found = [files_in(whole[:length]) for length in range(len(whole))]

    assert all(one in ([], [("", b"first")], [first]) for one in found)
    assert [first] in found


def test_a_wrong_sum_ends_the_reading():
    content = winmail(("a.ics", b"first"), ("b.ics", b"second"))

    assert files_in(content.replace(b"second", b"secone")) == [("a.ics", b"first")]


def test_garbage_is_read_in_no_time():
    chance, head = random.Random(70), struct.pack("<IH", 0x223E9F78, 1)
    began = time.perf_counter()

    for _ in range(300):
        content = bytearray(winmail(("a.ics", b"x" * 200)))
        for _ in range(5):
            content[chance.randrange(6, len(content))] = chance.randrange(256)
        files_in(bytes(content))
    files_in(head + attribute(0x9999, b"") * 200_000)
    assert len(files_in(winmail(*[(f"{number}.txt", b"x") for number in range(100)]))) == MOST_FILES

    assert time.perf_counter() - began < 5


def test_its_files_count_as_parts_of_the_mail_up_to_the_limit():
    few, many = (winmail(*[(f"{number}.txt", b"x") for number in range(count)]) for count in (2, 30))

    def letter(content: bytes):
        head = b"From: a@b.example\r\nContent-Type: application/ms-tnef; name=winmail.dat\r\n"
        return read(head + b"Content-Transfer-Encoding: 8bit\r\n\r\n" + content, border="")

    assert [part.name for part in letter(few).parts] == ["winmail.dat", "0.txt", "1.txt"]
    assert letter(many).problem == "too many parts"
