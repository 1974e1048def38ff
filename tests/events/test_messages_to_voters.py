"""What date polls write to people, word for word."""

from datetime import datetime, timedelta

import icalendar
import pytest
from sqlalchemy import select

from nextevents.events.messages_to_many import INVITATION
from nextevents.events.messages_to_voters import POLL, VOTER
from nextevents.events.models import Invitation
from nextevents.events.services import (
    Ballot,
    PollWish,
    choose_time,
    make_poll,
    read_invitees,
    remind_silent_voters,
    vote_openly,
)
from nextevents.ground.tokens import token_for
from nextevents.people.addresses import address_of
from tests.factories import make_community, make_person
from tests.mailing.reading import posted
from tests.mailing.snapshots import LANGUAGES, MailFiles, as_file, named_as_mails

ADDRESS = "ada@stadt.example"
TIMES = [(datetime(2026, 12, day, 14), datetime(2026, 12, day, 15, 30)) for day in (8, 9)]
OCCASIONS = ("poll_asked", "poll_reminder", "poll_voted", "poll_held", "poll_released", "poll_decided")


@named_as_mails
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("occasion", OCCASIONS)
def test_every_mail_of_a_poll_says_what_was_agreed(db, snapshot, noon, occasion, language):
    person = make_person(ADDRESS, name="Ada Beispiel", language=language)
    wish = PollWish(
        title="Werkschau, 2. Teil",
        text="Mit **Vorführungen**.",
        times=TIMES,
        closes_at=noon + timedelta(days=7),
        holds_times=True,
        named=read_invitees(f"Ada Beispiel <{ADDRESS}>"),
    )
    poll = make_poll(make_community("chatbot", name="Chatbot"), wish, by=person, at=noon)
    remind_silent_voters(poll, at=noon + timedelta(days=2))
    ballot = Ballot("Ada", {})
    vote_openly(poll, ballot, address=address_of(ADDRESS), language=language, at=noon + timedelta(days=2))
    choose_time(poll, poll.options[0].id, by=person, at=noon + timedelta(days=3))

    mail = next(one for one in posted(occasion) if one.row.recipient == ADDRESS)
    number = db.scalars(select(Invitation.id)).one()
    secrets = {
        "voter-token": token_for(VOTER, poll.voters[0].id),
        "poll-token": token_for(POLL, poll.id),
        "invitation-token": token_for(INVITATION, number),
    }
    if mail.calendar:
        secrets["uid"] = str(icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")[0]["UID"])
    assert as_file(mail, **secrets) == snapshot(name=f"{occasion}.{language}", extension_class=MailFiles)
