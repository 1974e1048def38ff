"""The lists of the world: who is on the newsletter and who has asked for it, a list that sleeps, a roster."""

from datetime import datetime

from nextevents.ground.database import db
from nextevents.ground.tokens import pair
from nextevents.mailing import queries, services
from nextevents.mailing.messages_of_lists import AWAKENING, SUBSCRIPTION
from nextevents.mailing.models import MailingList
from nextevents.mailing.services import Declaration
from nextevents.people.addresses import address_of

#: What the tokens of mails of lists are made for.
UNSUBSCRIBE, PREFERENCES = "unsubscribe", "preferences"
READERS_ADDRESS, READERS_NAME = "leserin@kanarie-verteiler.example", "Kanarie-Leserin"
ROSTER = b"email;name\nneu@kanarie-verteiler.example;Kanarie-Neu\n"


def fill(one: MailingList, rows: dict[str, int], numbers: dict[str, int], *, at: datetime) -> None:
    """Somebody on the list whose mail comes back, a request, a roster; and the numbers that tokens are made of."""
    words = Declaration(text="Ja.", language="de", form_url="http://localhost/newsletter/", was_ticked=True)
    address = address_of(READERS_ADDRESS)
    services.subscribe_proved(one, address, words, by="signed_in", name=READERS_NAME, at=at)
    mailbox = queries.mailbox_with_key(address.key)
    assert mailbox is not None
    services.suspend(mailbox, "Das Postfach ist voll.", at=at)
    asked = services.ask_to_subscribe(one, address_of("gefragt@kanarie-verteiler.example"), words, at=at)
    assert asked is not None
    handed_in = services.hand_in(one, ROSTER, file_name="alt.csv", evidence="", by="buero@next.example", at=at)
    rows[UNSUBSCRIBE], rows[PREFERENCES] = pair(one.id, mailbox.id), mailbox.id
    rows[SUBSCRIPTION], rows[AWAKENING] = asked.id, pair(mailbox.id, int(at.timestamp()) // 60)
    numbers["mailbox"], numbers["roster"], numbers["version"] = mailbox.id, handed_in.id, one.version
    db.session.flush()
