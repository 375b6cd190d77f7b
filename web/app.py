"""The site: an app of the collaborators it is given, the headers of its answers, the pages of its errors."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from flask import Flask, Response, render_template, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy import Engine
from werkzeug.exceptions import BadRequest, HTTPException, SecurityError

from kb.errors import BadAddress, Busy, DocumentError, GuidepostError, NotFound
from kb.index import Index
from kb.model import Discovered
from kb.search import WITHOUT
from kb.semantic import Semantic
from web import hub, manage, marks, pages, present
from web.site import Site, attach

LARGEST_UPLOAD = 4 * 1024 * 1024  # a subscription list of 10,000 lines has about 2 MB
_STATIC_FOR = timedelta(days=365)  # addresses of static files carry a hash of their content
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_STATUS: dict[type[GuidepostError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    BadAddress: HTTPStatus.BAD_REQUEST,
    DocumentError: HTTPStatus.BAD_REQUEST,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
}
_TOLD = {
    400: ("This request makes no sense here", "Something in the address or the form is not as it should be."),
    404: ("There is nothing here", "The page may have moved, or its address was mistyped."),
    405: ("Not this way", "This address does not answer that kind of request."),
    413: ("That file is too large", f"A file may have at most {LARGEST_UPLOAD // 1024 // 1024} MB."),
    500: (
        "Something went wrong on our side",
        "It has been written to the log. Please try again in a moment.",
    ),
    503: ("Busy at the moment", "Another run is at work. Please try again in a moment."),
}


def create_app(
    engine: Engine,
    index: Index,
    clock: Callable[[], datetime],
    secret: bytes,
    find: Callable[[str], Discovered] | None = None,
    probe: Callable[[list[int]], None] | None = None,
    semantic: Semantic = WITHOUT,
) -> Flask:
    """Return the site over a store and its index; *secret* signs sessions and forms.

    *find* looks for the feeds at an address that was typed, *probe* asks new feeds in the background,
    *semantic* finds by meaning.
    """
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secret,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        SEND_FILE_MAX_AGE_DEFAULT=_STATIC_FOR,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open all day; the token dies with its session
        # Behind a proxy with https the library wants a Referer, which our own Referrer-Policy holds back.
        WTF_CSRF_SSL_STRICT=False,
    )
    CSRFProtect(app).exempt(hub.hub)  # hubs have no session; they sign what they send
    attach(app, Site(engine=engine, index=index, semantic=semantic, clock=clock, find=find, probe=probe))
    app.register_blueprint(pages.pages)
    app.register_blueprint(manage.manage)
    app.register_blueprint(hub.hub)
    app.jinja_env.globals.update(
        present.words(),
        highlight=marks.highlight,
        static=_static(app),
        titles=pages.titles(),
    )
    app.jinja_env.finalize = present.visible
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.after_request(_secure)
    for kind in _STATUS:
        app.register_error_handler(kind, _told)
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(SecurityError, _misnamed)
    return app


def _static(app: Flask) -> Callable[[str], str]:
    folder = Path(str(app.static_folder))
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in folder.iterdir()}
    return lambda name: url_for("static", filename=name, v=hashes[name])


def _secure(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _told(error: GuidepostError) -> tuple[str, int]:
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    if isinstance(error, DocumentError):
        return _page(status, present.sentence(error.reason), "This file cannot be used"), status
    return _page(status), status


def _refused(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    page = Response(_page(status, _said(error)), status, mimetype="text/html")
    if allowed := error.get_response().headers.get("Allow"):
        page.headers["Allow"] = allowed
    return page


def _misnamed(_: SecurityError) -> Response:
    # A page would need the site's own addresses, and under a stranger's name there are none.
    told = (
        "This site does not answer to that name. Whoever runs it can allow the name in its settings (hosts)."
    )
    return Response(told, HTTPStatus.BAD_REQUEST, mimetype="text/plain")


def _said(error: HTTPException) -> str | None:
    if isinstance(error, CSRFError):
        return "This form has expired. Go back, load the page again and send it once more."
    # Only our own views raise the plain class; its text is theirs.
    return error.description if type(error) is BadRequest else None


def _page(status: int, reason: str | None = None, name: str | None = None) -> str:
    title, text = _TOLD.get(status, (HTTPStatus(status).phrase, "This request could not be answered."))
    return render_template("error.html", status=int(status), title=name or title, text=reason or text)
