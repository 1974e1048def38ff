"""The code for the door: a QR code that says who comes, and opens nothing by itself."""

import io

from ..ground.tokens import number_in, token_for
from .models import Registration

#: What the tokens in codes are made for; they lead to no page.
CHECK_IN = "check_in"


def code_of(registration: Registration) -> str:
    """What the code says."""
    return token_for(CHECK_IN, registration.id)


def number_in_code(text: str) -> int | None:
    """The number of the registration that a code speaks of; None for anything else."""
    return number_in(CHECK_IN, text)


def picture_of_code(registration: Registration) -> bytes:
    """The code as SVG, black on white with the quiet zone of ISO/IEC 18004."""
    import segno  # noqa: PLC0415 - few pages show one

    written = io.BytesIO()
    segno.make_qr(code_of(registration), error="m").save(written, kind="svg", scale=8, border=4, light="#fff")
    return written.getvalue()
