"""What the office reads when mail comes back because of us."""

from datetime import datetime, timedelta

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from .bounces import Report
from .forms import FormDraft
from .messages import set_in_type
from .services.posting import Mail

KIND = "refused_by_domain"
_LONG = timedelta(days=5)


def refused_by_domain(domain: str, report: Report, *, at: datetime) -> Mail:
    """A mail domain refuses us, not a mailbox (5.7.x, rule M-11): for the office, once a day for each domain."""
    return Mail(
        kind=KIND,
        subject=f"domain:{domain}",
        revision=int(at.timestamp()) // 86_400,
        recipient=current_app.config["CONTACT"],
        form=_form(domain, report),
        priority=3,
        expires_at=at + _LONG,
    )


def _form(domain: str, report: Report) -> FormDraft:
    with force_locale("de"):
        subject = _("%(domain)s nimmt unsere Mails nicht an", domain=domain)
    return set_in_type(
        "mailing/messages/refused_by_domain",
        language="de",
        subject=subject,
        domain=domain,
        status=report.status,
        words=report.words,
    )
