"""What the keepers of a list read about posts that wait."""

from datetime import datetime, timedelta

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.tokens import pair, token_for
from ..mailing.messages import absolute, set_in_type
from ..mailing.models import Post
from ..mailing.services import Mail
from ..people.models import Person

KIND, PURPOSE = "post_held", "decide post"
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
