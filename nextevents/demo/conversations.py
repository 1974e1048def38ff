"""What was written on the made-up list to talk on: two conversations, and a post that waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ..ground.database import db
from ..ground.text import search_key
from ..mailing import queries as mailing
from ..mailing.models import MailingList, Post, PostState
from ..people.models import Person

#: (hours after the first, who, which post it answers, subject, text)
_WRITTEN = (
    (
        0,
        0,
        None,
        "Wer hat Erfahrung mit Terminbuchung im Bürgeramt?",
        (
            "Hallo in die Runde,\n\nwir suchen gerade eine neue Terminbuchung. Wichtig ist uns, dass abgesagte Termine "
            "sofort wieder frei werden. Womit seid ihr zufrieden, und was würdet ihr heute anders machen?\n\n"
            "Herzliche Grüße"
        ),
    ),
    (
        5,
        1,
        0,
        "Re: Wer hat Erfahrung mit Terminbuchung im Bürgeramt?",
        (
            "Guten Morgen,\n\nbei uns hat eine Erinnerung am Vortag am meisten gebracht: Seitdem kommt nur noch jede "
            "zwanzigste Person nicht. Unser Pflichtenheft schicke ich gern.\n\n"
            "> wir suchen gerade eine neue Terminbuchung. Wichtig ist uns, dass abgesagte Termine\n"
            "> sofort wieder frei werden.\n"
        ),
    ),
    (
        9,
        0,
        1,
        "Re: Wer hat Erfahrung mit Terminbuchung im Bürgeramt?",
        "Oh ja, das Pflichtenheft bitte. Danke!\n\n> Unser Pflichtenheft schicke ich gern.\n",
    ),
    (
        27,
        4,
        None,
        "Leitfaden für verständliche Bescheide",
        (
            "Liebe alle,\n\nunser Leitfaden ist fertig und steht in der Bibliothek der Community. Rückmeldungen gern "
            "bis Ende des Monats an mich.\n"
        ),
    ),
)
_WAITING = "Neu hier: Wer digitalisiert gerade das Archiv?"


def load_conversations(one: MailingList, people: Sequence[Person], at: datetime) -> None:
    """Put the conversations into the archive; nobody gets a mail of them."""
    made: list[Post] = []
    for hours, who, answers, subject, text in _WRITTEN:
        before = made[answers] if answers is not None else None
        post = _post(one, people[who], subject, text, at + timedelta(hours=hours))
        if before:
            post.in_reply_to, post.thread_id = before.message_id, before.thread_id or before.id
        post.state, post.decided_at, post.passed_on_at = PostState.ACCEPTED, post.received_at, post.received_at
        db.session.flush()
        made.append(post)
    waits = _post(one, people[7], _WAITING, "Guten Tag,\n\nwir fangen gerade an. Wer noch?", at + timedelta(days=2))
    waits.reason = "Die Person schreibt zum ersten Mal auf diesem Verteiler."
    waits.told_at = waits.received_at
    db.session.flush()


def _post(one: MailingList, author: Person, subject: str, text: str, at: datetime) -> Post:
    mailbox = mailing.mailbox_with_key(author.address_key)
    post = Post(
        list_id=one.id,
        mailbox_id=mailbox.id if mailbox else None,
        author_name=author.name,
        author_address=author.address,
        subject=subject,
        message_id=f"<{int(at.timestamp())}.{author.id}@{author.domain}>",
        received_at=at,
        state=PostState.HELD,
        text=text.strip(),
        search_text=search_key(f"{subject}\n{author.name}\n{text}"),
    )
    db.session.add(post)
    db.session.flush()
    return post
