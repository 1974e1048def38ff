"""What readers have got: at a real mail server, or as the demo keeps it."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from uuid import uuid4

from sqlalchemy import insert, select

from nextevents.communities.models import Belonging, Community
from nextevents.ground.database import db
from nextevents.mailing.models import (
    Delivery,
    Destination,
    ListKind,
    Mailbox,
    MailingList,
    Readers,
    Subscription,
    SubscriptionState,
)
from nextevents.mailing.services import ListWish, make_list
from tests.browser.live import Live, wait_for
from tests.factories import make_person
from tests.services.mail_judge import judge
from tests.services.smtp import Sink

#: One in so many readers has a mail server that asks us to be slow.
SLOW = 5
#: So many are at home in a community here.
AT_HOME = 10


class Inboxes:
    """Those of everybody whom an instance has written to."""

    def __init__(self, live: Live, server: Sink | None = None) -> None:
        self.live = live
        self._server = server

    def mails(self, *, to: str = "") -> list[tuple[str, bytes]]:
        """Receiver and mail, the oldest first; of all, or of one address."""
        if self._server:
            found = [(mail.recipients[0], mail.content) for mail in self._server.mails]
        else:
            question = (
                "SELECT recipient, content FROM kept_mail"
                " JOIN message ON message.id = kept_mail.message_id ORDER BY message.id"
            )
            found = [(str(one), bytes(content)) for one, content in self.live.rows(question)]
        return [one for one in found if to in {"", one[0]}]

    def newest(self, to: str, subject: str) -> EmailMessage:
        """The newest mail to an address whose subject begins so, as soon as it is there."""

        def look() -> EmailMessage | None:
            read = (message_from_bytes(content, policy=default) for _, content in reversed(self.mails(to=to)))
            return next((mail for mail in read if str(mail["Subject"]).startswith(subject)), None)

        found = wait_for(look, f"a mail to {to}: {subject}", every=0.2)
        assert found
        return found

    def complaints(self, readers: "OwnReaders") -> dict[str, list[str]]:
        """What an independent judge finds wrong with the mails to these readers."""
        published = {self.live.key.name: self.live.key.record}
        found = {to: judge(content, host=self.live.url, published=published) for to, content in self.of(readers)}
        return {to: words for to, words in found.items() if words}

    def of(self, readers: "OwnReaders") -> list[tuple[str, bytes]]:
        """What these readers have got."""
        return [one for one in self.mails() if one[0].endswith(f"-{readers.mark}.example")]


class OwnReaders:
    """A newsletter of a test's own, which wants two pairs of eyes, and its readers at two domains of their own."""

    def __init__(self, live: Live, count: int) -> None:
        self._live = live
        self.mark = uuid4().hex[:8]
        self.name = f"Rundbrief {self.mark}"
        self.fast = [f"leserin{number}@schnell-{self.mark}.example" for number in range(count - count // SLOW)]
        self.slow = [f"leser{number}@langsam-{self.mark}.example" for number in range(count // SLOW)]
        wish = ListWish(
            name=self.name,
            purpose="Was ansteht.",
            kind=ListKind.NEWSLETTER,
            sender_name="NExT e. V.",
            archive=Readers.EVERYBODY,
            needs_second_pair=True,
        )
        at = datetime.now(UTC)
        with live.door():
            self._subscribe(make_list(f"rundbrief-{self.mark}", wish, at=at), at)
            self._let_some_be_at_home(at)
            slowed = {"next_at": at + timedelta(hours=1), "slowed_at": at, "reason": "421 4.7.0 too fast"}
            db.session.add(Destination(domain=f"langsam-{self.mark}.example", per_minute=1.0, **slowed))

    def _subscribe(self, one: MailingList, at: datetime) -> None:
        mailboxes = [
            {"address": to, "address_key": to, "name": "Kim Probe", "language": "en" if number % 10 == 0 else "de"}
            for number, to in enumerate([*self.fast, *self.slow])
        ]
        made = {"made_at": at, "suspended_because": ""}
        numbers = db.session.scalars(insert(Mailbox).returning(Mailbox.id), [row | made for row in mailboxes]).all()
        values = {"list_id": one.id, "state": SubscriptionState.ACTIVE, "delivery": Delivery.EACH, "made_at": at}
        rest = {"began_at": at, "ended_by": "", "digested_until": 0}
        db.session.execute(insert(Subscription), [{"mailbox_id": number} | values | rest for number in numbers])

    def _let_some_be_at_home(self, at: datetime) -> None:
        circles = db.session.scalars(select(Community.id).order_by(Community.id).limit(3)).all()
        for number, address in enumerate(self.fast[:AT_HOME]):
            person = make_person(address, name="Kim Probe")
            circle = circles[number % len(circles)]
            db.session.add(Belonging(person_id=person.id, community_id=circle, since=at))

    def let_the_slow_be_fast(self) -> None:
        """Their server has recovered."""
        self._live.change("DELETE FROM destination WHERE domain = :domain", domain=f"langsam-{self.mark}.example")
