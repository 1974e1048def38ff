"""The mail to sign in with, word for word."""

import pytest

from nextevents.ground.tokens import code_for, token_for
from nextevents.mailing.services import post
from nextevents.people.addresses import address_of
from nextevents.people.messages import sign_in
from nextevents.people.models import Purpose
from nextevents.people.services import ask_for_proof
from tests.mailing.reading import posted
from tests.mailing.snapshots import LANGUAGES, MailFiles, as_file, named_as_mails


@pytest.fixture
def proof(db, noon):
    del db
    return ask_for_proof(Purpose.SIGN_IN, address_of("Ada@Behörde.example"), at=noon)


@named_as_mails
@pytest.mark.parametrize("language", LANGUAGES)
def test_it_holds_link_and_code(proof, noon, snapshot, language):
    post(sign_in(address_of(proof.typed_address), proof, language=language), at=noon)
    (mail,) = posted()
    masked = {"proof-token": token_for(Purpose.SIGN_IN, proof.id), "code": code_for(Purpose.SIGN_IN, proof.id)}

    assert as_file(mail, **masked) == snapshot(name=f"sign_in.{language}", extension_class=MailFiles)


def test_it_goes_at_once_to_the_address_in_ascii_and_is_worth_nothing_after_ten_minutes(proof, noon):
    post(sign_in(address_of(proof.typed_address), proof, language="de"), at=noon)
    (mail,) = posted()

    assert (mail.row.priority, mail.row.recipient, mail.row.expires_at) == (
        0,
        "Ada@xn--behrde-yxa.example",
        proof.expires_at,
    )
    assert mail.row.has_secrets


def test_two_mails_differ_in_link_and_code_only(proof, noon):
    other = ask_for_proof(Purpose.SIGN_IN, address_of("bob@amt.example"), at=noon)
    for one in (proof, other):
        post(sign_in(address_of(one.typed_address), one, language="de"), at=noon)

    first, second = posted()
    assert (first.row.form_key, first.row.values.keys()) == (second.row.form_key, {"link", "code"})
    assert set(first.row.values.values()).isdisjoint(second.row.values.values())
