"""Tables of events that somebody brings in (62)."""

import pytest

from nextevents.events.services import import_rows
from nextevents.ground.database import transaction
from tests.factories import NOON

HEAD = "Nr;Datum;Event;Format / Projekt;Ort\n"
GOOD = "1;14.01.22;NExTcommunity Chatbot;NExTcommunity;Virtuell\n"
TABLES = {
    "62-plain": ((HEAD + GOOD).encode(), ["made"]),
    "62-byte order mark": (b"\xef\xbb\xbf" + (HEAD + GOOD).encode(), ["made"]),
    "62-commas": ((HEAD + GOOD).replace(";", ",").encode(), ["made"]),
    "62-cp1252": ((HEAD + GOOD.replace("Chatbot", "Präsenz – Übung")).encode("cp1252"), ["made"]),
    "62-the same row twice": ((HEAD + GOOD + GOOD).encode(), ["made", "known"]),
    "62-a formula": ((HEAD + GOOD.replace("NExTcommunity Chatbot", "=1+1")).encode(), ["made"]),
    "62-a zero byte": ((HEAD + GOOD.replace("Chatbot", "Chat\x00bot") + GOOD).encode(), ["unreadable", "made"]),
    "62-a field of 200 kB": ((HEAD + GOOD.replace("Chatbot", "x" * 200_000)).encode(), ["unreadable"]),
    "62-a title of 201 letters": ((HEAD + GOOD.replace("NExTcommunity Chatbot", "x" * 201)).encode(), ["unreadable"]),
    "62-no title": ((HEAD + GOOD.replace("NExTcommunity Chatbot", " ")).encode(), ["unreadable"]),
    "62-too few columns": ((HEAD + "1;14.01.22\n").encode(), ["unreadable"]),
    "62-too many columns": ((HEAD + GOOD.strip() + ";;\n").encode(), ["unreadable"]),
    "62-other columns": (b"a;b;c;d;e\n1;2;3;4;5\n", ["unreadable"]),
    "62-nothing": (b"", ["unreadable"]),
    "62-not a table": (b"PK\x03\x04\x00\x00\xff\xfe" * 50, ["unreadable"]),
    "62-a day that is none": ((HEAD + GOOD.replace("14.01.22", "31.02.22")).encode(), ["unreadable"]),
    "62-digits of another script": ((HEAD + GOOD.replace("14.01.22", "\uff11\uff14.01.22")).encode(), ["unreadable"]),
    "62-the year 9999": ((HEAD + GOOD.replace("14.01.22", "31.12.9999")).encode(), ["unreadable"]),
    "62-the year 1": ((HEAD + GOOD.replace("14.01.22", "01.01.0001")).encode(), ["unreadable"]),
    "62-an unknown format": ((HEAD + GOOD.replace(";NExTcommunity;", ";Unsinn;")).encode(), ["unreadable"]),
    "62-an open quotation mark": ((HEAD + GOOD + '2;14.01.22;"offen').encode(), ["made", "unreadable"]),
    "62-an override of direction": ((HEAD + GOOD.replace("Chatbot", "\u202etobtahC")).encode(), ["unreadable"]),
}  # fmt: skip


@pytest.mark.parametrize(("table", "outcomes"), TABLES.values(), ids=TABLES)
def test_a_table_is_read_row_by_row_and_says_what_it_could_not_read(house, table, outcomes):
    def bring_in() -> list:
        with transaction():
            return list(import_rows(table, at=NOON))

    found = house.in_app(bring_in)

    assert [row.outcome for row in found] == outcomes
    assert [row.line for row in found if row.outcome == "unreadable" and not row.remark] == []
