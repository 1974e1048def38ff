"""What we write to people about themselves."""

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from ..ground.tokens import code_for, token_for
from ..mailing.messages import absolute, draft
from ..mailing.services import Mail
from .addresses import Address
from .models import Proof


def sign_in(address: Address, proof: Proof, *, language: str, way: str = "") -> Mail:
    """Link and code to sign in with, and the page of ours to go on to; the same whether or not somebody is known."""
    with force_locale(language):
        subject = _("Ihr Zugang zu NExT")
    form = draft("sign_in", "people/messages/sign_in", language=language, subject=subject)
    return Mail(
        kind="sign_in",
        subject=f"proof:{proof.id}",
        recipient=address.routed,
        form=form,
        values={
            "link": absolute(url_for("people.enter", token=token_for(proof.purpose, proof.id), next=way or None)),
            "code": code_for(proof.purpose, proof.id),
        },
        priority=0,
        expires_at=proof.expires_at,
        has_secrets=True,
    )
