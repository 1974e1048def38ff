"""How the office's matters are said."""

import pytest
from flask_babel import force_locale

from nextevents.events import messages_about_times, messages_to_voters
from nextevents.mailing import messages_of_bounces, messages_of_lists, messages_of_posts
from nextevents.mailing.models import State
from nextevents.mailing.services import campaigning
from nextevents.newsroom import messages_to_keepers
from nextevents.office import showing
from tests.events.occasions import OCCASIONS

of_lists, of_posts, voters, times = messages_of_lists, messages_of_posts, messages_to_voters, messages_about_times
BESIDE_OCCASIONS = (
    *(of_lists.KIND, of_lists.KIND_ALREADY, of_lists.KIND_AWAKENING, messages_of_bounces.KIND, campaigning.KIND),
    *(of_posts.KIND, of_posts.KIND_DIGEST, of_posts.KIND_WAITS, of_posts.KIND_REJECTED, of_posts.KIND_LEAVE),
    *(of_posts.KIND_OWNER, messages_to_keepers.KIND, messages_to_keepers.RELEASE, times.HELD, times.RELEASED),
    *(voters.ASKED, voters.REMINDED, voters.OWN_LINK, voters.DECIDED),
)

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
    kinds = {occasion.split()[0] for occasion in OCCASIONS} | set(BESIDE_OCCASIONS)

    assert [kind for kind in kinds if showing.kind_word(kind) == kind] == []
    assert showing.kind_word("unknown") == "unknown"


def test_our_own_words_on_a_mail_are_said_and_a_servers_are_shown_as_they_came():
    assert showing.answer_label("expired before it left") == "verfallen, bevor sie hinausging"
    assert showing.answer_label("550 5.1.1 <b>unknown</b>") == "550 5.1.1 <b>unknown</b>"
