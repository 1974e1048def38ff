"""How a list is: what the leads of a community choose for theirs, and the office for all."""

from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField

from ...ground.fields import LineField, TextField, options, required
from ...ground.text import NAME_LENGTH, number_typed
from ...mailing.models import ListKind, MailingList, Moderation, Posting, Readers, Replies


def kinds() -> list[tuple[ListKind, str]]:
    """What a list can be that is no newsletter."""
    return [
        (ListKind.ANNOUNCEMENTS, gettext("Ankündigungen: wenige schreiben")),
        (ListKind.DISCUSSION, gettext("Gespräch: viele schreiben")),
    ]


class SettingsForm(FlaskForm):
    """How a list is."""

    purpose = TextField(
        _("Was kommt, in einem Satz"),
        description=_("Steht auf der Seite des Verteilers und ist Teil der Einwilligung."),
        longest=300,
        validators=[required()],
    )
    sender_name = LineField(_("Name des Absenders"), longest=NAME_LENGTH)
    kind = SelectField(_("Art"), coerce=ListKind)
    posting = SelectField(
        _("Wer darf per Mail schreiben?"),
        description=_("Was andere an den Verteiler schreiben, lesen alle, die ihn betreuen."),
        coerce=Posting,
        default=Posting.SUBSCRIBERS,
    )
    moderation = SelectField(_("Wessen Beiträge warten auf Freigabe?"), coerce=Moderation)
    archive = SelectField(_("Wer darf das Archiv lesen?"), coerce=Readers)
    replies = SelectField(_("Wohin geht eine Antwort?"), coerce=Replies)
    version = HiddenField()

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.kind.choices = options(*kinds())
        self.posting.choices = options(
            (Posting.NOBODY, gettext("Niemand")),
            (Posting.KEEPERS, gettext("Wer den Verteiler betreut")),
            (Posting.SUBSCRIBERS, gettext("Alle, die darauf stehen")),
            (Posting.EVERYBODY, gettext("Alle")),
        )
        self.moderation.choices = options(
            (Moderation.NOBODY, gettext("Niemandes")),
            (Moderation.NEWCOMERS, gettext("Neue und Fremde")),
            (Moderation.EVERYBODY, gettext("Alle")),
        )
        self.archive.choices = options(
            (Readers.NOBODY, gettext("Niemand")),
            (Readers.SUBSCRIBERS, gettext("Alle, die darauf stehen")),
            (Readers.EVERYBODY, gettext("Alle")),
        )
        self.replies.choices = options(
            (Replies.AUTHOR, gettext("An die Person, die geschrieben hat")),
            (Replies.LIST, gettext("An den ganzen Verteiler")),
        )

    def propose_posting(self) -> None:
        """Where nobody writes by mail now, propose who will once the list becomes a discussion."""
        if self.kind.data != ListKind.DISCUSSION:
            self.posting.data = Posting.SUBSCRIBERS

    @property
    def typed_version(self) -> int:
        """The version that the form was filled in for; 0 for what is no number."""
        return number_typed(self.version.data)


def settings_of(form: SettingsForm) -> dict[str, Any]:
    """What both forms say. Whoever may write by mail is a matter of discussions alone."""
    return {
        "purpose": form.purpose.data or "",
        "sender_name": form.sender_name.data or "",
        "kind": form.kind.data,
        "posting": form.posting.data if form.kind.data == ListKind.DISCUSSION else Posting.NOBODY,
        "moderation": form.moderation.data,
        "archive": form.archive.data,
        "replies": form.replies.data,
    }


def differences(form: SettingsForm, one: MailingList) -> list[dict[str, str]]:
    """The fields in which what was typed differs from what was stored meanwhile, to be shown side by side."""
    found, typed = [], settings_of(form)
    for name in ("name", "slug", *typed):
        field = getattr(form, name, None)
        if field is None:
            continue
        chosen = typed.get(name, field.data)
        mine, theirs = str(chosen or ""), str(getattr(one, name) or "")
        if mine != theirs:
            words = (
                {value: label for value, label, *_rest in field.iter_choices()}
                if isinstance(field, SelectField)
                else {}
            )
            found.append(
                {
                    "label": str(field.label.text),
                    "mine": str(words.get(chosen, mine)),
                    "theirs": str(words.get(getattr(one, name), theirs)),
                }
            )
    return found
