"""What the keepers of a list read about what waits for them: posts, and campaigns to be released."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.errors import Refusal
from ..ground.tokens import pair, token_for
from ..mailing.messages import absolute, set_in_type
from ..mailing.models import Campaign, Post
from ..mailing.services import Mail
from ..people.models import Person

KIND, PURPOSE = "post_held", "decide post"
RELEASE, BACK = "release_wanted", "release_refused"
#: As long as a post is worth a decision.
_LONG = timedelta(days=14)


def post_held(post: Post, keeper: Person, count: int, *, at: datetime) -> Mail:
    """A post waits: what it says, why, and a link to the buttons. Count says how many wait on this list."""
    with force_locale(keeper.language):
        subject = _("Bitte entscheiden: %(title)s", title=post.subject)
    draft = set_in_type(
        "newsroom/messages/post_held", language=keeper.language, subject=subject, post=post, count=count
    )
    token = token_for(PURPOSE, pair(post.id, keeper.id))
    return Mail(
        kind=KIND,
        subject=f"post:{post.id}",
        recipient=keeper.address,
        form=draft,
        values={
            "name": keeper.name or keeper.address,
            "decide": absolute(url_for("newsroom.decide", token=token)),
            "all": absolute(url_for("newsroom.held")),
        },
        expires_at=at + _LONG,
        has_secrets=True,
    )


def release_wanted(campaign: Campaign, keeper: Person, by: Person, count: int, *, at: datetime) -> Mail:
    """A campaign waits for a second pair of eyes: who wrote it, to how many it would go, and where one looks.

    One mail for each handing over; the page behind the link asks to sign in.
    """
    with force_locale(keeper.language):
        subject = _("Bitte freigeben: %(title)s", title=campaign.subject)
    draft = set_in_type(
        "newsroom/messages/release_wanted",
        language=keeper.language,
        subject=subject,
        campaign=campaign,
        writer=by.name or by.address,
        count=count,
    )
    return Mail(
        kind=RELEASE,
        subject=f"campaign:{campaign.id}",
        revision=campaign.version,
        recipient=keeper.address,
        form=draft,
        values={
            "name": keeper.name or keeper.address,
            "look": absolute(url_for("newsroom.preview", number=campaign.id)),
            "release": absolute(url_for("newsroom.sending", number=campaign.id)),
        },
        expires_at=at + _LONG,
    )


def sent_back(campaign: Campaign, releaser: Person, refusal: Refusal, *, at: datetime) -> Mail:
    """A campaign that was released is a draft again: why, and where one puts it right."""
    with force_locale(releaser.language):
        subject = _("Nicht gesendet: %(title)s", title=campaign.subject)
        lines = (
            _("diese Aussendung ist wieder ein Entwurf. Niemand hat sie bekommen. Der Grund:"),
            str(refusal),
            _("Hier können Sie das ändern und sie wieder freigeben:"),
        )
    link = absolute(url_for("newsroom.sending", number=campaign.id))
    draft = set_in_type("mailing/messages/answer", language=releaser.language, subject=subject, lines=lines, link=link)
    return Mail(
        kind=BACK,
        subject=f"campaign:{campaign.id}",
        revision=campaign.version,
        recipient=releaser.address,
        form=draft,
        expires_at=at + _LONG,
    )
