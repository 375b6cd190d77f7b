"""What can go wrong, as the caller sees it.

GuidepostError
    FeedError           a feed cannot be read now; kept with the feed, tried again later
        Unreachable     no answer in time, or none at all
            Offline     for want of a network of our own, as far as can be told: no fault of the feed
        Refused         an answer that is a refusal, e.g. 403 or 500
            Postponed   it asks us to come later (429, 503, Retry-After)
            Disallowed  the site's robots.txt leaves us out
        Spared          not asked, for its site had just turned other requests away: no fault of the feed
        Gone            the server says that the feed is gone for good (410)
        Forbidden       our own address guard does not let us go there
        TooLarge        more bytes than the cap
        NotAFeed        an answer that holds no feed
    DocumentError       a loose document cannot be read: missing, empty, of no known kind
    NotBetter           a page that cannot take the place of its post's excerpt
    NotFound            no such feed, post, principle or topic
    BadAddress          an address that can never be a feed's
    BadSetting          a setting of an unknown name or an unusable value
    NoModel             a folder that holds no model of sentences that can be run here; all goes on without it
    Busy                another run holds the lock
    StoreTooNew         the database was written by a later version
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

from kb import privacy


class GuidepostError(Exception):
    """Base of everything we raise on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # They travel between processes; by default one would be made anew from its message alone.
        return _made_anew, (type(self), self.args, self.__dict__)


def _made_anew(kind: type[GuidepostError], args: tuple[Any, ...], known: dict[str, Any]) -> GuidepostError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(known)
    return error


class FeedError(GuidepostError):
    """A feed cannot be read now. `reason` is for people and names no address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{privacy.shown(url)}: {reason}")
        self.url = url
        self.reason = reason


class Unreachable(FeedError): ...


class Offline(Unreachable): ...


class Refused(FeedError): ...


class Postponed(Refused):
    """A refusal for now; `wait` is how long, where the server says so."""

    def __init__(self, url: str, reason: str, wait: timedelta | None) -> None:
        super().__init__(url, reason)
        self.wait = wait


class Disallowed(Refused): ...


class Spared(FeedError):
    """Not asked in this run; `wait` is how long its site wants to be left alone, where it said so."""

    def __init__(self, url: str, reason: str, wait: timedelta | None) -> None:
        super().__init__(url, reason)
        self.wait = wait


class Gone(FeedError): ...


class Forbidden(FeedError): ...


class TooLarge(FeedError): ...


class NotAFeed(FeedError): ...


class DocumentError(GuidepostError):
    """A loose document cannot be read."""

    def __init__(self, source: str, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.reason = reason


class NotBetter(GuidepostError):
    """A page that cannot take the place of its post's excerpt. `reason` is for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotFound(GuidepostError): ...


class BadAddress(GuidepostError): ...


class BadSetting(GuidepostError): ...


class NoModel(GuidepostError):
    """A folder that holds no model that can be run here. `reason` is for people."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"the model in {folder} cannot be used: {reason}")
        self.reason = reason


class Busy(GuidepostError): ...


class StoreTooNew(GuidepostError): ...
