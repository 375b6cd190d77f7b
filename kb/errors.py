"""What can go wrong, as the caller sees it.

GuidepostError
    FeedError           a feed cannot be read now; kept with the feed, tried again later
        Unreachable     no answer in time, or none at all
        Refused         an answer that is a refusal, e.g. 403 or 500
        Gone            the server says that the feed is gone for good (410)
        Forbidden       our own address guard does not let us go there
        TooLarge        more bytes than the cap
        NotAFeed        an answer that holds no feed
    DocumentError       a loose document cannot be read: missing, empty, of no known kind
    NotFound            no such feed, post, principle or topic
    BadAddress          an address that can never be a feed's
    BadSetting          a setting of an unknown name or an unusable value
    Busy                another run holds the lock
    StoreTooNew         the database was written by a later version
"""


class GuidepostError(Exception):
    """Base of everything we raise on purpose."""


class FeedError(GuidepostError):
    """A feed cannot be read now. `reason` is for people and names no address."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: {reason}")
        self.url = url
        self.reason = reason


class Unreachable(FeedError): ...


class Refused(FeedError): ...


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


class NotFound(GuidepostError): ...


class BadAddress(GuidepostError): ...


class BadSetting(GuidepostError): ...


class Busy(GuidepostError): ...


class StoreTooNew(GuidepostError): ...
