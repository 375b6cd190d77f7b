"""What changes subscriptions: forms only, each with its token, each answered with a redirect."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from kb import feeds, opml, privacy
from kb.errors import BadAddress, FeedError, NotFound
from kb.model import Discovered, ImportLine, Outline
from web.present import clip
from web.site import db, here, writing

_ID = "<int(max=2147483647):number>"
_MOST_FOLDERS = 8  # within one another, as typed
_LONGEST_FOLDER = 80
_OUTCOME = {
    "known": "{url} is subscribed already.",
    "refused": "Could not add {url}: {reason}.",
}

manage = Blueprint("manage", __name__)


@manage.post("/feeds")
def add() -> str | Response:
    """Subscribe the feed at an address; where its page announces several, let the person choose."""
    typed, folder = request.form.get("url", "").strip(), _folder(request.form.get("folder", ""))
    found = _found(typed)
    if isinstance(found, Discovered) and len(found.feeds) == 1:
        return _subscribed(replace(found.feeds[0], folder=folder), found)
    return render_template(
        "choose.html",
        typed=typed,
        folder=" / ".join(folder),
        found=() if isinstance(found, FeedError) else found.feeds,
        error=found if isinstance(found, FeedError) else None,
    )


def _found(typed: str) -> Discovered | FeedError:
    as_it_is = Discovered(feeds=(Outline(url=typed),), is_feed=True)
    find = here().find
    # What was chosen from the list, or is wanted all the same, is not looked at again.
    if find is None or "as_is" in request.form:
        return as_it_is
    try:
        return find(typed)
    except BadAddress:
        return as_it_is  # subscribing says what is wrong with it
    except FeedError as error:
        return error


def _subscribed(outline: Outline, found: Discovered) -> Response:
    with writing() as store:
        (line,) = feeds.subscribe(store, [outline], here().clock())
    flash(_said(line, found), "refused" if line.outcome == "refused" else "done")
    _probe([line])
    return redirect(url_for("pages.all_feeds"), code=303)


def _said(line: ImportLine, found: Discovered) -> str:
    url = clip(privacy.shown(line.url), 120) or "this address"
    if line.outcome != "added":
        return _OUTCOME[line.outcome].format(url=url, reason=line.reason)
    told = f"Added {url}." if found.is_feed or found.reason else f"Added {url}, the feed of that page."
    if found.reason:
        return f"{told} It could not be asked now: {clip(found.reason)}. It is asked at the next run."
    return f"{told} Its posts come {'in a moment' if here().probe else 'with the next run'}."


def _probe(lines: Iterable[ImportLine]) -> None:
    """Have the new feeds asked without waiting for them."""
    if (probe := here().probe) and (new := feeds.added(db(), lines)):
        probe([feed.id for feed in new])


def _folder(typed: str) -> tuple[str, ...]:
    parts = (" ".join(part.split())[:_LONGEST_FOLDER] for part in typed.split("/"))
    return tuple(part for part in parts if part)[:_MOST_FOLDERS]


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
    _probe(lines)
    counts = Counter(line.outcome for line in lines)
    return render_template("imported.html", lines=lines, counts=counts, probed=here().probe is not None)


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


@manage.post(f"/feeds/{_ID}/move")
def move(number: int) -> Response:
    """Give a feed the address that was suggested for it. Only that one: the page may be older than the suggestion."""
    with writing() as store:
        url = feeds.get(store, number).suggestion
        if not url or privacy.shown(url) != request.form.get("to"):
            raise NotFound("no such address is suggested any more")
        feeds.move(store, number, url)
    return _back(number, f"Moved to {clip(privacy.shown(url), 120)}. Its posts stay with it.")


@manage.post(f"/feeds/{_ID}/dismiss")
def dismiss(number: int) -> Response:
    """Forget the address that was suggested for a feed."""
    with writing() as store:
        feeds.get(store, number)
        feeds.suggest(store, number, None)
    return _back(number, "Dismissed.")


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
