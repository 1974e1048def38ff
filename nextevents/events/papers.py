"""What is printed of events."""

from flask import render_template, url_for
from flask_babel import force_locale

from ..ground.papers import as_pdf
from ..mailing.messages import absolute
from . import showing
from .models import Certificate


def certificate(certificate: Certificate) -> bytes:
    """A certificate of attendance as PDF/UA, in German, because German offices file it."""
    with force_locale("de"):
        page = render_template(
            "events/papers/certificate.html",
            certificate=certificate,
            event=certificate.event,
            address=absolute(url_for("events.certificate", code=certificate.code)),
            showing=showing,
        )
        style = render_template("events/papers/certificate.css")
    return as_pdf(page, style)
