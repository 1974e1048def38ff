"""What lists write about being on them, word for word and without anything that was typed or advertised."""

import pytest

from nextevents.ground.mail_addresses import address_of
from nextevents.mailing.messages_of_lists import already_subscribed, confirm_mailbox, confirm_subscription
from nextevents.mailing.models import ListKind
from nextevents.mailing.services import Declaration, mailbox_for, post, suspend
from nextevents.mailing.services.consenting import note_request
from tests.factories import make_mailing_list
from tests.mailing.reading import posted
from tests.mailing.snapshots import LANGUAGES, MailFiles, as_file, named_as_mails


@pytest.fixture(autouse=True)
def within(app, db):
    del db
    with app.test_request_context("/"):
        yield


def written(occasion, language, noon):
    one = make_mailing_list(
        "newsletter", name="NExT-Newsletter", kind=ListKind.NEWSLETTER, purpose="Einmal im Monat: Termine und Neues."
    )
    mailbox = mailbox_for(address_of("ada@stadt.example"), name="Ada Beispiel", language=language, at=noon)
    if occasion == "confirm_subscription":
        words = Declaration(text="Ja.", language=language, form_url="", was_ticked=True)
        mail = confirm_subscription(one, mailbox, note_request(one, mailbox, mailbox.address, words, at=noon), at=noon)
    elif occasion == "already_subscribed":
        mail = already_subscribed(one, mailbox, at=noon)
    else:
        suspend(mailbox, "Voll.", at=noon)
        mail = confirm_mailbox(mailbox, at=noon)
    post(mail, at=noon)
    return posted()[0], mail.values


@named_as_mails
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", ["confirm_subscription", "already_subscribed", "confirm_mailbox"])
def test_the_mail_is_as_it_was(snapshot, noon, occasion, language):
    mail, values = written(occasion, language, noon)

    link = next(iter(values.values()))
    assert as_file(mail, link=link) == snapshot(name=f"{occasion}.{language}", extension_class=MailFiles)


def test_the_question_has_one_link_of_its_own_the_imprint_and_nothing_to_advertise(noon):
    """Rule L-04."""
    mail, values = written("confirm_subscription", "de", noon)

    links = [a["href"] for a in mail.page.select("a[href^=http]")]
    assert links == [values["confirm"], "http://localhost/impressum/", "http://localhost/datenschutz/"]
    assert "Wenn Sie das nicht waren, tun Sie nichts." in mail.text
    assert "Ada" not in mail.text + mail.html
