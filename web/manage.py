"""What changes subscriptions: forms only, each with its token, each answered with a redirect."""

from collections import Counter

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kb import feeds, opml
from kb.model import ImportLine, Outline
from web.present import clip
from web.site import db, here, writing

_ID = "<int(max=2147483647):number>"
_MOST_FOLDERS = 8  # within one another, as typed
_LONGEST_FOLDER = 80
_OUTCOME = {
    "added": "Added {url}. Its posts come with the next run.",
    "known": "{url} is subscribed already.",
    "refused": "Could not add {url}: {reason}.",
}

manage = Blueprint("manage", __name__)


@manage.post("/feeds")
def add() -> Response:
    """Subscribe one address."""
    outline = Outline(url=request.form.get("url", "").strip(), folder=_folder(request.form.get("folder", "")))
    with writing() as store:
        (line,) = feeds.subscribe(store, [outline], here().clock())
    flash(_said(line), "refused" if line.outcome == "refused" else "done")
    return redirect(url_for("pages.all_feeds"), code=303)


def _folder(typed: str) -> tuple[str, ...]:
    parts = (" ".join(part.split())[:_LONGEST_FOLDER] for part in typed.split("/"))
    return tuple(part for part in parts if part)[:_MOST_FOLDERS]


def _said(line: ImportLine) -> str:
    return _OUTCOME[line.outcome].format(url=clip(line.url, 120) or "this address", reason=line.reason)


# The report is the answer itself: thousands of lines fit neither a session nor an address.
@manage.post("/feeds/import")
def take_over() -> str | Response:
    """Subscribe an uploaded list and report each of its lines."""
    upload = request.files.get("list")
    if upload is None or not upload.filename:
        flash("Choose a subscription list (OPML) first.", "refused")
        return redirect(url_for("pages.all_feeds"), code=303)
    outlines = opml.read(upload.stream.read())
    with writing() as store:
        lines = feeds.subscribe(store, outlines, here().clock())
    return render_template("imported.html", lines=lines, counts=Counter(line.outcome for line in lines))


@manage.post(f"/feeds/{_ID}/pause")
def pause(number: int) -> Response:
    """Ask a feed no more for now."""
    with writing() as store:
        feeds.pause(store, number)
    return _back(number, "Paused.")


@manage.post(f"/feeds/{_ID}/resume")
def resume(number: int) -> Response:
    """Ask a feed again."""
    with writing() as store:
        feeds.resume(store, number, here().clock())
    return _back(number, "Resumed: it is asked at the next run.")


def _back(number: int, message: str) -> Response:
    flash(message, "done")
    return redirect(url_for("pages.feed", number=number), code=303)


@manage.get(f"/feeds/{_ID}/remove")
def confirm(number: int) -> str:
    """Ask whether a subscription shall really end."""
    return render_template("remove.html", feed=feeds.get(db(), number))


@manage.post(f"/feeds/{_ID}/remove")
def remove(number: int) -> Response:
    """End a subscription."""
    with writing() as store:
        title = feeds.get(store, number).title
        feeds.remove(store, number)
    flash(f"Removed {clip(title, 120)}. Its posts stay.", "done")
    return redirect(url_for("pages.all_feeds"), code=303)
