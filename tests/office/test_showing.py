"""How the office's matters are said."""

import pytest
from flask_babel import force_locale

from nextevents.mailing.models import State
from nextevents.office import showing
from tests.events.occasions import OCCASIONS

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture(autouse=True)
def speaking(app, db):
    """Words are said in a request."""
    del db
    with app.test_request_context("/"):
        yield


def test_every_state_of_a_mail_has_a_word_in_both_languages():
    for language in ("de", "en"):
        with force_locale(language):
            assert len({str(showing.mail_state_word(state)) for state in State}) == len(State)


def test_every_kind_of_mail_has_a_word():
    kinds = {occasion.split()[0] for occasion in OCCASIONS}

    assert [kind for kind in kinds if showing.kind_word(kind) == kind] == []
    assert showing.kind_word("unknown") == "unknown"


def test_our_own_words_on_a_mail_are_said_and_a_servers_are_shown_as_they_came():
    assert showing.answer_label("expired before it left") == "verfallen, bevor sie hinausging"
    assert showing.answer_label("550 5.1.1 <b>unknown</b>") == "550 5.1.1 <b>unknown</b>"
