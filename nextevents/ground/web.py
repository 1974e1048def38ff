"""What every door of the web shares: who may enter, where forms come from, and what each answer carries."""

import re
from collections.abc import Callable, Collection, Iterable
from functools import wraps
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.routing import IntegerConverter, Map

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NONCE_FIELD = "vorgang"
#: What a row's number can be on both databases.
LARGEST_NUMBER = 2**31 - 1
#: Bytes of a form with files, all in all.
MAX_FILES = 11_000_000
#: Bytes of text in such a form: a list of thousands of people may be pasted as well as uploaded.
MAX_PASTED = 2_000_000
#: Signs of an address of ours to which somebody is led on.
LONGEST_WAY = 300
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; script-src 'self'; style-src 'self'; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
HSTS = "max-age=31536000; includeSubDomains"

_PAGE = re.compile(r"[1-9][0-9]{0,3}")

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
Audience = Callable[[], bool]


class UndeclaredRouteError(Exception):
    """A view does not say who may use it."""


def everyone() -> bool:
    """Whoever comes, signed in or not."""
    return True


def signed_in() -> bool:
    """People who have proved their address in this browser."""
    return bool(current_user.is_authenticated)


def office() -> bool:
    """People of the office."""
    return bool(current_user.is_authenticated and current_user.is_office)


def open_to(audience: Audience) -> Callable[[View], View]:
    """Declare who may use a view. Others are asked to sign in, or told that there is nothing here."""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if audience():
                return view(*args, **kwargs)
            if not current_user.is_authenticated:
                return ask_to_sign_in()
            return abort(404)

        guarded.audience = audience  # type: ignore[attr-defined]  # read by audience_of
        return guarded  # type: ignore[return-value]  # wraps() keeps the signature

    return declare


def audience_of(view: Callable[..., Any]) -> Audience | None:
    """Who was declared for a view; None if nobody was."""
    return getattr(view, "audience", None)


def require_declarations(app: Flask) -> None:
    """Refuse to build an application with a view that does not say who may use it."""
    undeclared = [name for name, view in app.view_functions.items() if not audience_of(view)]
    if undeclared:
        raise UndeclaredRouteError(", ".join(undeclared))


def ask_to_sign_in() -> ResponseReturnValue:
    """On to the page for signing in, and from there back to where one was."""
    return redirect(url_for("people.sign_in", next=_way_back()), code=303)


def _way_back() -> str:
    return request.full_path.rstrip("?") if request.method == "GET" else ""


def own_path(address: str | None, default: str) -> str:
    """A path on this site to go on to; the default for anything that could lead elsewhere (rule A-11)."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return default
    parts = urlsplit(address)
    has_controls = any(ord(character) < ord(" ") or character == "\\" for character in address)
    return default if parts.scheme or parts.netloc or has_controls or len(address) > LONGEST_WAY else address


def is_from_elsewhere() -> bool:
    """Whether another site sent this request, as far as the browser says (rule A-10).

    Sec-Fetch-Site decides where there is one. Pages that send no referrer make our own forms come with the origin
    "null", so that one says nothing; the form's token decides then.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site in {"cross-site", "same-site"}
    origin = request.headers.get("Origin", "null")
    return origin != "null" and origin.partition("://")[2] != request.host


def language_code() -> str:
    """The language of this page: de or en."""
    locale = get_locale()
    return locale.language if locale else "de"


def wants_fragment() -> bool:
    """Whether htmx asks for a piece of the page."""
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def page_number() -> int:
    """Which page of a list is asked for, the first being 0."""
    asked = request.args.get("seite", "1")
    return min(int(asked) - 1, 9999) if _PAGE.fullmatch(asked) else 0


def paging(page: int, *, has_more: bool) -> dict[str, str]:
    """The addresses of the pages before and after, with the same filters."""
    known = {name: value for name, value in request.args.items() if name != "seite" and value}
    here = {**(request.view_args or {}), **known}
    return {
        "previous_href": url_for(request.endpoint or "", **here, seite=page) if page else "",
        "next_href": url_for(request.endpoint or "", **here, seite=page + 2) if has_more else "",
    }


class RowNumber(IntegerConverter):
    """A number in a path, in ASCII. Larger ones than a row can have lead nowhere, on both databases alike."""

    regex = "[0-9]+"

    def __init__(self, map: Map, *args: Any, **options: Any) -> None:  # noqa: A002 - the library's word
        super().__init__(map, *args, **({"max": LARGEST_NUMBER} | options))


def guard(app: Flask) -> None:
    """Check what comes in and complete what goes out, for every route."""
    app.url_map.converters["int"] = RowNumber

    @app.before_request
    def refuse_foreign_and_unreadable() -> None:
        if any("\0" in text for text in (request.path, *chain.from_iterable(request.args.listvalues()))):
            abort(404)  # PostgreSQL refuses to look for it
        if request.method in UNSAFE_METHODS:
            if is_from_elsewhere() and not _is_declared("takes_one_click"):
                abort(400, description=_("Diese Anfrage kam von einer anderen Seite."))
            _refuse_unreadable_body()

    @app.after_request
    def complete(response: Response) -> Response:
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store" if _is_personal() else "private, no-cache"
            response.vary.add("Cookie")
        return response


def takes_files(view: View) -> View:
    """Declare that a view reads uploaded files, of at most MAX_FILES bytes together. Stands below open_to()."""
    view.takes_files = True  # type: ignore[attr-defined]  # read by _reads_files
    return view


def takes_one_click(view: View) -> View:
    """Declare that a mail program may press this button: no cookie, no form token, from anywhere (RFC 8058, A-10).

    The token in the address is what allows it. Stands below open_to().
    """
    view.takes_one_click = True  # type: ignore[attr-defined]  # read by guard() and create_app()
    return view


def takes_lists(view: View) -> View:
    """Declare that a view reads long pasted lists, of at most MAX_PASTED bytes, and files. Stands below open_to()."""
    view.takes_lists = True  # type: ignore[attr-defined]  # read by _refuse_unreadable_body
    return takes_files(view)


def refuse_files_but(names: Collection[str]) -> None:
    """Refuse a request with a file in a field that takes none; for views that take files only now and then."""
    if not request.files.keys() <= set(names):
        abort(400)


def _is_declared(word: str) -> bool:
    return getattr(current_app.view_functions.get(request.endpoint or ""), word, False)


def _reads_files() -> bool:
    return _is_declared("takes_files")


def _refuse_unreadable_body() -> None:
    """Take only what forms of ours send: text in UTF-8, files where they are wanted (bad inputs 11, 12, 37, 38, 53)."""
    if _reads_files():
        request.max_content_length = MAX_FILES
    if _is_declared("takes_lists"):
        request.max_form_memory_size = MAX_PASTED
    if request.mimetype == "application/x-www-form-urlencoded":
        body = request.get_data()
        if len(body) > (request.max_form_memory_size or 0) or body.count(b"&") >= (request.max_form_parts or 0):
            abort(413)
        is_readable = _is_utf8(unquote_to_bytes(body))
    elif request.mimetype == "multipart/form-data":
        is_readable = (not request.files or _reads_files()) and "\ufffd" not in "".join(
            chain.from_iterable(request.form.listvalues())
        )
    elif request.content_length:
        abort(415)
    else:
        is_readable = True
    if not is_readable:
        abort(400, description=_("Der Text ist nicht als UTF-8 lesbar."))


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def with_safe_headers(inner: "WSGIApplication", *, is_https: bool) -> "WSGIApplication":
    """The application with every answer, errors too, carrying the headers that it does not set itself."""
    wanted = HEADERS | ({"Strict-Transport-Security": HSTS} if is_https else {})
    by_name = [(name.lower(), (name, value)) for name, value in wanted.items()]

    def outer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            there = {name.lower() for name, _ in headers}
            return start_response(status, headers + [pair for name, pair in by_name if name not in there], *rest)

        return inner(environ, start)

    return outer


def _is_personal() -> bool:
    return request.method in UNSAFE_METHODS or bool(current_user.is_authenticated)


def personal(response: Response) -> Response:
    """Mark an answer that speaks of one person: kept nowhere, and its address told to nobody (rule A-13)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
