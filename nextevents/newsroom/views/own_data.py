"""What lists know of somebody: to take along, and to be forgotten (Art. 15, 17 and 20 GDPR). One signs in for both."""

from flask import Response, flash, json, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from ...ground import clock
from ...ground.database import transaction
from ...ground.mail_addresses import address_of
from ...ground.web import open_to, personal, signed_in
from ...mailing import queries as mailing
from ...mailing import services as lists
from ...people.signing_in import current_person
from ..blueprint import bp
from ..preferring import ForgetForm


@bp.get("/konto/mails/daten/")
@open_to(signed_in)
def own_data() -> ResponseReturnValue:
    """How much is known, with a file to take along and a button to be forgotten."""
    return _page(ForgetForm(formdata=None))


def _page(form: ForgetForm) -> Response:
    person = current_person()
    known = lists.portable(address_of(person.address))
    page = render_template(
        "newsroom/own_data.html",
        section="account",
        person=person,
        form=form,
        counts={name: len(some) for name, some in known.items() if isinstance(some, list)},
        is_known=mailing.mailbox_with_key(person.address_key) is not None,
    )
    return personal(Response(page))


@bp.get("/konto/mails/daten/verteiler.json")
@open_to(signed_in)
def take_along() -> ResponseReturnValue:
    """Everything that lists know of whoever is signed in, as a file that machines can read."""
    known = lists.portable(address_of(current_person().address))
    response = Response(json.dumps(known, ensure_ascii=False, indent=2), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="verteiler.json"'
    return personal(response)


@bp.post("/konto/mails/daten/")
@open_to(signed_in)
def be_forgotten() -> ResponseReturnValue:
    """Forget the address on all lists; proofs of consent stay until claims have lapsed."""
    form = ForgetForm()
    if not form.validate():
        return _page(form), 422
    with transaction():
        address = address_of(current_person().address)
        lists.erase_mailbox(address, keep_away=bool(form.keep_away.data), at=clock.now())
    flash(_("Vergessen. Auf keinem Verteiler steht Ihre Adresse mehr."), "success")
    return redirect(url_for(".own_data"), code=303)
