"""What people type to vote in a date poll."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from ...ground.fields import EmailField, LineField, TextField, add_error, options, required
from ...ground.text import NAME_LENGTH
from ...ground.web import NONCE_FIELD
from ..models import Poll, Voter, Wish
from ..services import Ballot
from ..showing_polls import option_label, wish_word
from .questions import OneOfField

COMMENT_LENGTH = 500
_WISH = "wish_"


class VoteForm(FlaskForm):
    """Yes, if need be or no to each time. Nothing is chosen beforehand, so no robot votes (guarantee G22)."""

    name = LineField(_("Name"), validators=[required(_("Bitte geben Sie Ihren Namen an."))], longest=NAME_LENGTH)
    comment = TextField(_("Bemerkung"), longest=COMMENT_LENGTH)
    nonce = HiddenField(name=NONCE_FIELD)

    @property
    def times(self) -> list[Any]:
        """The fields of the times, in their order."""
        return [one for one in self if one.short_name.startswith(_WISH)]

    def validate(self, extra_validators: Any = None) -> bool:
        """At least one time must be answered."""
        is_fine = super().validate(extra_validators=extra_validators)
        if is_fine and self.times and not any(one.data for one in self.times):
            add_error(self.times[0], str(_("Bitte antworten Sie auf mindestens einen Vorschlag.")))
            return False
        return bool(is_fine)

    @property
    def ballot(self) -> Ballot:
        """What was said, by the numbers of the times."""
        wishes = {int(one.short_name.removeprefix(_WISH)): Wish(one.data) for one in self.times if one.data}
        return Ballot(self.name.data or "", wishes, self.comment.data or "")


class OpenVoteForm(VoteForm):
    """The same by the link of all, where one may leave an address."""

    email = EmailField(
        _("E-Mail-Adresse"),
        description=_("Dann bekommen Sie einen Link zum Ändern Ihrer Stimme und hören, welcher Termin es wird."),
    )


def vote_form(poll: Poll, kind: type[VoteForm], voter: Voter | None = None, **values: Any) -> VoteForm:
    """The form for this poll's times; filled with what was said before, unless something was sent."""
    fields = {
        f"{_WISH}{one.id}": OneOfField(
            option_label(one), choices=options(*((wish.value, wish_word(wish)) for wish in Wish))
        )
        for one in poll.options
    }
    form_class = type(kind.__name__, (kind,), fields)
    said = {f"{_WISH}{vote.option_id}": vote.wish.value for vote in voter.votes} if voter else {}
    known = {"name": voter.name, "comment": voter.comment} if voter else {}
    form: VoteForm = form_class(**(known | said | values))
    return form
