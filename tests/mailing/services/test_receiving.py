"""Mail that comes in is a row, and is read by one, in order, three times at the most."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from nextevents.mailing.models import InboundMail, InboundState
from nextevents.mailing.services import (
    begin_reading,
    count_old_arrivals,
    forget_old_arrivals,
    is_expected,
    mail_to_read,
    receive,
    settle,
)
from tests.factories import NOON

OURS = "termine@next.example"


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [
        ("termine@next.example", True),
        ("Termine@NEXT.example", True),
        ("ruecklauf@next.example", True),
        ("ruecklauf+1-2-3@next.example", True),
        ("termine@next.example.evil", False),
        ("x+termine@next.example", False),
        ("termine", False),
        ("", False),
    ],
)
def test_only_mail_for_us_is_expected(db, address, is_ours):
    assert is_expected(address) is is_ours


def test_a_mail_is_one_row_for_each_receiver_however_often_it_is_handed_over(db):
    assert receive("a@b.example", [OURS, OURS.upper(), "x@y.example"], b"x", at=NOON) == 2
    assert receive("a@b.example", [OURS], b"x", at=NOON) == 0
    assert receive("a@b.example", [OURS], b"y", at=NOON) == 1


def test_mails_are_read_in_order_and_those_of_others_are_left(db):
    receive("", ["termine+liste@next.example"], b"0", at=NOON)
    for content in (b"1", b"2"):
        receive("", [OURS], content, at=NOON)

    first = begin_reading(OURS, after=0, at=NOON)
    second = begin_reading(OURS, after=first, at=NOON)

    assert [mail_to_read(one).content for one in (first, second)] == [b"1", b"2"]
    assert begin_reading(OURS, after=second, at=NOON) is None


def test_what_somebody_has_settled_is_not_read_again(db):
    receive("", [OURS], b"1", at=NOON)
    number = begin_reading(OURS, after=0, at=NOON)
    settle(mail_to_read(number), InboundState.NEW, kind="report", at=NOON)

    assert begin_reading(OURS, after=0, at=NOON) is None
    settle(mail_to_read(number), InboundState.DONE, at=NOON)
    assert mail_to_read(number) is None


def test_the_fourth_time_it_is_left_for_a_person_and_the_next_one_is_read(db):
    for content in (b"1", b"2"):
        receive("", [OURS], content, at=NOON)
    first = begin_reading(OURS, after=0, at=NOON)
    assert [begin_reading(OURS, after=0, at=NOON) for _ in range(2)] == [first, first]

    assert begin_reading(OURS, after=0, at=NOON) == first + 1
    assert db.get(InboundMail, first).state == InboundState.REVIEW


def test_settled_mails_go_after_thirty_days_and_others_stay(db):
    for state in InboundState:
        receive("", [OURS], state.encode(), at=NOON)
        mail = db.scalars(select(InboundMail).order_by(InboundMail.id.desc())).first()
        settle(mail, state, at=NOON)
    later = NOON + timedelta(days=30)

    assert (count_old_arrivals(at=later), forget_old_arrivals(at=later)) == (0, 0)
    later += timedelta(seconds=1)
    assert (count_old_arrivals(at=later), forget_old_arrivals(at=later)) == (2, 2)
    assert set(db.scalars(select(InboundMail.state))) == {InboundState.NEW, InboundState.REVIEW}
