"""Proving an address: a link and a code, for a while, once, five tries (rules A-01 to A-05)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from nextevents.ground.tokens import code_for
from nextevents.people.addresses import address_of
from nextevents.people.errors import ProofFailed, TooManyCodes
from nextevents.people.models import Proof, Purpose
from nextevents.people.services import ask_for_proof, forget_old_proofs, living_proof, use_proof

SIGN_IN, REGISTRATION = Purpose.SIGN_IN, Purpose.REGISTRATION
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def ada(app):
    with app.app_context():
        return address_of("Ada@amt.example")


def ask(address, at, purpose=SIGN_IN):
    return ask_for_proof(purpose, address, at=at)


def right_code(proof):
    return code_for(proof.purpose, proof.id)


def wrong_code(proof):
    return f"{(int(right_code(proof)) + 1) % 1_000_000:06d}"


@pytest.mark.usefixtures("db")
def test_a_proof_is_good_for_ten_minutes_to_sign_in_and_a_day_to_register(ada, noon):
    proofs = [ask(ada, noon, purpose) for purpose in (SIGN_IN, REGISTRATION)]

    assert [proof.expires_at - noon for proof in proofs] == [10 * MINUTE, DAY]
    assert [(proof.typed_address, proof.address_key) for proof in proofs] == 2 * [
        ("Ada@amt.example", "ada@amt.example")
    ]


@pytest.mark.usefixtures("db")
def test_the_asking_browser_needs_no_code(ada, noon):
    proof = ask(ada, noon)

    assert use_proof(proof, code=None, at=noon) is None


@pytest.mark.usefixtures("db")
def test_the_code_works_once(ada, noon):
    proof = ask(ada, noon)

    assert use_proof(proof, code=right_code(proof), at=noon + MINUTE) is None
    assert type(use_proof(proof, code=right_code(proof), at=noon + MINUTE)) is ProofFailed
    assert type(use_proof(proof, code=None, at=noon + MINUTE)) is ProofFailed


def test_of_two_who_use_it_at_once_one_succeeds(db, ada, noon):
    """The second has read the proof before the first has used it."""
    proof = ask(ada, noon)
    first = use_proof(proof, code=None, at=noon)
    assert proof.used_at is None  # as the second still sees it
    second = use_proof(proof, code=None, at=noon)
    db.refresh(proof)

    assert (first, type(second), proof.used_at) == (None, ProofFailed, noon)


@pytest.mark.usefixtures("db")
def test_after_ten_minutes_it_is_over(ada, noon):
    proof = ask(ada, noon)

    assert type(use_proof(proof, code=right_code(proof), at=noon + 10 * MINUTE)) is ProofFailed
    assert use_proof(proof, code=right_code(proof), at=noon + 10 * MINUTE - timedelta(seconds=1)) is None


def test_five_wrong_codes_end_it_even_for_the_right_one(db, ada, noon):
    proof = ask(ada, noon)
    said = []
    for _ in range(5):
        said.append(type(use_proof(proof, code=wrong_code(proof), at=noon)))
        db.refresh(proof)

    assert said == [ProofFailed, ProofFailed, ProofFailed, ProofFailed, TooManyCodes]
    assert type(use_proof(proof, code=right_code(proof), at=noon)) is TooManyCodes
    assert type(use_proof(proof, code=None, at=noon)) is TooManyCodes
    assert proof.used_at is None


def test_wrong_codes_typed_at_once_are_all_counted(db, ada, noon):
    """Each has read the proof before the others counted."""
    proof = ask(ada, noon)
    for _ in range(4):
        use_proof(proof, code=wrong_code(proof), at=noon)
    assert proof.wrong_codes == 0

    assert type(use_proof(proof, code=wrong_code(proof), at=noon)) is TooManyCodes
    assert db.scalar(select(Proof.wrong_codes)) == 5
    assert type(use_proof(proof, code=right_code(proof), at=noon)) is ProofFailed


@pytest.mark.usefixtures("db")
def test_four_wrong_codes_leave_one_try(ada, noon):
    proof = ask(ada, noon)
    for _ in range(4):
        use_proof(proof, code=wrong_code(proof), at=noon)

    assert use_proof(proof, code=right_code(proof), at=noon) is None


@pytest.mark.usefixtures("db")
def test_the_code_of_one_purpose_is_wrong_for_the_other(ada, noon):
    sign_in, registration = ask(ada, noon), ask(ada, noon, REGISTRATION)

    assert type(use_proof(registration, code=right_code(sign_in), at=noon)) is ProofFailed


@pytest.mark.usefixtures("db")
def test_an_address_gets_three_mails_in_fifteen_minutes_and_ten_in_a_day(ada, noon):
    asked = [bool(ask(ada, noon + minutes * MINUTE)) for minutes in (0, 1, 2, 3, 14)]
    assert asked == [True, True, True, False, False]

    later = [bool(ask(ada, noon + 15 * MINUTE + number * 20 * MINUTE)) for number in range(9)]
    assert later == 7 * [True] + 2 * [False]
    assert ask(ada, noon + DAY)


@pytest.mark.usefixtures("db")
def test_an_address_gets_one_mail_to_register_in_an_hour_and_three_in_a_day(ada, noon):
    hours = [0, 0.99, 1, 2, 3, 23.9, 24, 24.5, 25]

    assert [bool(ask(ada, noon + hour * HOUR, REGISTRATION)) for hour in hours] == [
        True,
        False,
        True,
        True,
        False,
        False,
        True,
        False,
        True,
    ]


@pytest.mark.usefixtures("db")
def test_the_limits_of_one_address_and_purpose_are_not_those_of_another(app, ada, noon):
    for _ in range(3):
        ask(ada, noon)
    with app.app_context():
        bob, same = address_of("bob@amt.example"), address_of("ADA@amt.example")

    assert [bool(ask(one, noon)) for one in (bob, same)] == [True, False]
    assert ask(ada, noon, REGISTRATION)


@pytest.mark.usefixtures("db")
def test_an_older_code_is_good_until_a_newer_one_is_used_or_it_ends(ada, noon):
    first, second = ask(ada, noon), ask(ada, noon + MINUTE)

    assert living_proof(SIGN_IN, ada.key, at=noon + MINUTE) == second
    assert use_proof(first, code=right_code(first), at=noon + 2 * MINUTE) is None
    assert use_proof(second, code=right_code(second), at=noon + 2 * MINUTE) is None


def test_a_proof_that_was_used_ran_out_or_was_guessed_at_is_not_living(db, ada, noon):
    used, guessed, alive = ask(ada, noon), ask(ada, noon), ask(ada, noon)
    use_proof(used, code=None, at=noon)
    guessed.wrong_codes = 5
    db.flush()

    assert living_proof(SIGN_IN, ada.key, at=noon) == alive
    assert living_proof(SIGN_IN, ada.key, at=noon + 10 * MINUTE) is None
    assert living_proof(REGISTRATION, ada.key, at=noon) is None
    assert living_proof(SIGN_IN, "bob@amt.example", at=noon) is None


def test_old_proofs_are_forgotten_when_no_limit_counts_them(db, ada, noon):
    ask(ada, noon)
    ask(ada, noon + DAY)

    forget_old_proofs(at=noon + 2 * DAY + MINUTE)

    assert db.scalar(select(func.count()).select_from(Proof)) == 1


def test_neither_link_nor_code_is_stored(db, ada, noon):
    proof = ask(ada, noon)
    stored = db.execute(select(*Proof.__table__.columns)).one()

    assert [value for value in stored if right_code(proof) in str(value)] == []
