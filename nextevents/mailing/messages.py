"""How mails of all rooms are written: a template pair, rendered once per form and kept by what it was made of."""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

import css_inline
from flask import current_app, render_template
from flask_babel import force_locale
from markupsafe import Markup

from .forms import FormDraft, place

_SUBJECT_LENGTH = 70
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True, keep_style_tags=True)


def absolute(path: str) -> str:
    """The address of a page, as it stands in mails: from BASE_URL, never from a request (bad input 32)."""
    return str(urljoin(current_app.config["BASE_URL"] + "/", path.lstrip("/")))


def draft(
    key: Hashable,
    template: str,
    *,
    language: str,
    subject: str,
    calendar: Callable[[], str | None] = lambda: None,
    calendar_method: str | None = None,
    **context: Any,
) -> FormDraft:
    """The form made of templates/<room>/messages/<occasion>.txt and .html, rendered once for each key.

    The key must name everything that the context depends on, such as an event's number and version.
    """
    kept: dict[Hashable, FormDraft] = current_app.extensions.setdefault("form_drafts", {})
    whole_key = (template, language, key)
    if whole_key not in kept:
        if len(kept) > 2000:  # noqa: PLR2004 - a few MB; forms are made again when needed
            kept.clear()
        form = set_in_type(template, language=language, subject=subject, **context)
        kept[whole_key] = replace(form, calendar=calendar(), calendar_method=calendar_method)
    return kept[whole_key]


def set_in_type(template: str, *, language: str, subject: str, **context: Any) -> FormDraft:
    """The same, rendered anew each time: for what nobody can name a key of, such as an issue of a newsletter."""
    with force_locale(language):
        shared = {"language": language, "subject": subject, "place": place, "absolute": absolute, **context}
        text = render_template(f"{template}.txt", **shared)
        html = render_template(f"{template}.html", **{**shared, "place": _marked})
    return FormDraft(
        language=language,
        subject=shortened(subject),
        text=text.strip() + "\n",
        html=_inliner.inline(html),
    )


def _marked(name: str) -> Markup:
    """A place in HTML: its two signs need no escaping, and what is filled in is escaped then."""
    return Markup(place(name))  # noqa: S704 - the name stands in a template of ours


def shortened(subject: str) -> str:
    """A subject of at most 70 characters (rule M-36), cut at a word."""
    if len(subject) <= _SUBJECT_LENGTH:
        return subject
    return subject[: _SUBJECT_LENGTH - 1].rsplit(" ", 1)[0] + "…"


__all__ = ["absolute", "draft", "place", "set_in_type", "shortened"]
