"""What stays of an event, as organisers type it."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectField

from ...events import showing
from ...events.models import Material, MaterialKind, MaterialViewers
from ...events.services import MaterialChange
from ...ground.documents import ACCEPTED, Upload
from ...ground.fields import AddressField, LineField, TextField, add_error, required


class _MaterialForm(FlaskForm):
    """What all kinds have: a title, and who may see it."""

    title = LineField(_("Titel"), validators=[required()], longest=150)
    viewers = SelectField(_("Wer es sieht"), coerce=MaterialViewers, default=MaterialViewers.PARTICIPANTS.value)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.viewers.choices = [(one.value, showing.viewers_word(one)) for one in MaterialViewers]

    def change(self) -> MaterialChange:
        """What the form says, as a value."""
        url, text = (self[name].data if name in self else "" for name in ("url", "text"))
        return MaterialChange(title=self.title.data or "", viewers=self.viewers.data, url=url or "", text=text or "")


class LinkForm(_MaterialForm):
    """Slides elsewhere, or a recording."""

    url = AddressField(_("Adresse"), validators=[required()], longest=500)


class MinutesForm(_MaterialForm):
    """What was said and decided."""

    text = TextField(
        _("Protokoll"), validators=[required()], description=_("Markdown: ## Überschrift, - Liste, **fett**")
    )


class UploadForm(_MaterialForm):
    """A file from one's own machine."""

    title = LineField(_("Titel"), longest=150, description=_("Leer: der Name der Datei."))
    file = FileField(
        _("Datei"),
        description=_("Bis 10 MB: PDF, PNG, JPEG, ODT, ODP, ODS, DOCX, PPTX, XLSX, TXT"),
        render_kw={"accept": ACCEPTED},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that one file was chosen."""
        is_fine = super().validate(extra_validators)
        if not getattr(self.file.data, "filename", ""):
            add_error(self.file, str(_("Bitte wählen Sie eine Datei aus.")))
            return False
        return bool(is_fine)

    def upload(self) -> Upload:
        """The file as it came."""
        return Upload(name=self.file.data.filename, content=self.file.data.read())


class StandingLinkForm(LinkForm):
    """A link that stands, with the version it was made from."""

    version = HiddenField()


class StandingMinutesForm(MinutesForm):
    """Minutes that stand, with the version they were made from."""

    version = HiddenField()


class StandingFileForm(_MaterialForm):
    """What is said of a file that stands, with the version it was made from."""

    version = HiddenField()


StandingForm = StandingLinkForm | StandingMinutesForm | StandingFileForm

FORMS: dict[MaterialKind, type[StandingLinkForm] | type[StandingMinutesForm] | type[StandingFileForm]] = {
    MaterialKind.LINK: StandingLinkForm,
    MaterialKind.RECORDING: StandingLinkForm,
    MaterialKind.MINUTES: StandingMinutesForm,
    MaterialKind.FILE: StandingFileForm,
}


def standing_form(material: Material) -> StandingForm:
    """The form of something as it stands."""
    standing = {name: getattr(material, name) for name in ("title", "viewers", "url", "text")}
    return FORMS[material.kind](formdata=None, data={**standing, "version": str(material.version)})


def typed_form(material: Material) -> StandingForm:
    """The form of something as it was typed."""
    return FORMS[material.kind]()
