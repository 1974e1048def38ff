"""Rows for colleagues."""

import pytest

from nextevents.events.forms.groups import row_count, row_fields, row_numbers


@pytest.mark.parametrize(
    ("sent", "more", "shown"),
    [
        ([], False, 3),
        ([], True, 6),
        (["person-2-name", "email"], False, 3),
        (["person-5-email"], False, 5),
        (["person-6-name"], True, 9),
        (["person-9-name"], True, 10),
        (["person-0-name", "person-1000-name"], False, 3),
    ],
)
def test_as_many_rows_as_were_sent_and_some_more_if_they_are_wanted(sent, more, shown):
    assert row_count(sent, wants_more=more) == shown


def test_only_fields_of_rows_are_rows():
    sent = [
        "person-1-name",
        "person-1-email",
        "person--2-name",
        "person-\uff11-name",
        "person-x-name",
        "person-3-x",
        "name",
    ]

    assert list(row_numbers(sent)) == [1, 1]


def test_each_row_asks_for_name_and_address():
    assert list(row_fields(2)) == ["person-1-name", "person-1-email", "person-2-name", "person-2-email"]
