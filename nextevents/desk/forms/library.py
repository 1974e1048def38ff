"""What the leads of a circle put into its library, and what they publish."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, FileField, HiddenField, SelectField
from wtforms.validators import Optional

from ...communities import showing
from ...communities.models import Document, DocumentKind, Result, Viewers
from ...communities.services import DocumentWish, ResultWish
from ...ground.documents import ACCEPTED, Upload
from ...ground.fields import AddressField, LineField, TextField, add_error, required

MARKDOWN = _("Markdown: ## Überschrift, - Liste, **fett**")


def upload_in(field: Any) -> Upload | None:
    """The file as it came, if one was chosen."""
    chosen = field.data
    if not getattr(chosen, "filename", ""):
        return None
    return Upload(name=chosen.filename, content=chosen.read())


class _DocumentForm(FlaskForm):
    """What all kinds have: a title, and who may see it."""

    title = LineField(_("Titel"), validators=[required()], longest=150)
    viewers = SelectField(_("Wer es sieht"), coerce=Viewers, default=Viewers.COMMUNITY.value)
    version = HiddenField()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.viewers.choices = [(one.value, showing.viewers_word(one)) for one in reversed(Viewers)]

    def wish(self) -> DocumentWish:
        """What the form says, as a value."""
        url, text = (self[name].data if name in self else "" for name in ("url", "text"))
        return DocumentWish(title=self.title.data or "", viewers=self.viewers.data, url=url or "", text=text or "")


class NoteForm(_DocumentForm):
    """Something to read here."""

    text = TextField(_("Notiz"), validators=[required()], description=MARKDOWN)


class LinkForm(_DocumentForm):
    """Something that lies elsewhere."""

    url = AddressField(_("Adresse"), validators=[required()], longest=500)


class StandingFileForm(_DocumentForm):
    """What is said of a file that stands, and perhaps a newer one."""

    title = LineField(_("Titel"), longest=150, description=_("Leer: der Name der Datei."))
    file = FileField(
        _("Neuere Fassung der Datei"),
        description=_("Leer: die Datei bleibt, wie sie ist."),
        render_kw={"accept": ACCEPTED},
    )


class FileForm(_DocumentForm):
    """A file from one's own machine."""

    title = LineField(_("Titel"), longest=150, description=_("Leer: der Name der Datei."))
    file = FileField(
        _("Datei"),
        description=_("Bis 10 MB: PDF, PNG, JPEG, ODT, ODP, ODS, DOCX, PPTX, XLSX, TXT, MD"),
        render_kw={"accept": ACCEPTED},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, and that one file was chosen."""
        is_fine = super().validate(extra_validators)
        if not getattr(self.file.data, "filename", ""):
            add_error(self.file, str(_("Bitte wählen Sie eine Datei aus.")))
            return False
        return bool(is_fine)


DocumentForm = NoteForm | LinkForm | FileForm | StandingFileForm
STANDING: dict[DocumentKind, type[NoteForm] | type[LinkForm] | type[StandingFileForm]] = {
    DocumentKind.NOTE: NoteForm,
    DocumentKind.LINK: LinkForm,
    DocumentKind.FILE: StandingFileForm,
}


def standing_form(document: Document) -> NoteForm | LinkForm | StandingFileForm:
    """The form of something as it stands."""
    standing = {name: getattr(document, name) for name in ("title", "viewers", "url", "text")}
    return STANDING[document.kind](formdata=None, data={**standing, "version": str(document.version)})


class ResultForm(FlaskForm):
    """What a workshop has made."""

    title = LineField(_("Titel"), validators=[required()], longest=200)
    authors = LineField(
        _("Autor:innen"),
        longest=500,
        description=_("So, wie sie genannt werden möchten; mehrere mit Semikolon getrennt."),
    )
    abstract = TextField(_("Zusammenfassung"), longest=5_000, description=MARKDOWN)
    file = FileField(_("PDF"), description=_("Bis 10 MB."), render_kw={"accept": ".pdf"})
    published_on = DateField(
        _("Veröffentlicht am"),
        validators=[Optional()],
        description=_("Ab diesem Tag steht es für alle unter „Veröffentlichungen“. Leer: noch nicht."),
    )
    version = HiddenField()

    @classmethod
    def of(cls, result: Result) -> "ResultForm":
        """The form of a result as it stands."""
        names = ("title", "authors", "abstract", "published_on")
        standing = {name: getattr(result, name) for name in names}
        return cls(formdata=None, data={**standing, "version": str(result.version)})

    def wish(self) -> ResultWish:
        """What the form says, as a value."""
        return ResultWish(
            title=self.title.data or "",
            authors=self.authors.data or "",
            abstract=self.abstract.data or "",
            published_on=self.published_on.data,
        )
