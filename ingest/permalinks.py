"""Links as feeds give them -> addresses worth keeping."""

import re
from urllib.parse import urljoin, urlsplit

from ingest.blocks import fold

_LONGEST = 4_000  # characters; browsers and servers stop at 2,000 to 8,000
# What senders of mail, social sites and counters of visitors add; it says who came, never what the page shows.
_TRACKING = frozenset(
    [
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid"),
        *(
            "li_fat_id",
            "igshid",
            "igsh",
            "mc_cid",
            "mc_eid",
            "mkt_tok",
            "_hsenc",
            "_hsmi",
            "__hstc",
            "__hssc",
        ),
        *("__hsfp", "hsctatracking", "_openstat", "_ga", "_gl", "vero_id", "vero_conv", "oly_anon_id"),
        *(
            "oly_enc_id",
            "wickedid",
            "s_cid",
            "xtor",
            "ml_subscriber",
            "ml_subscriber_hash",
            "ck_subscriber_id",
        ),
    ]
)
_TRACKING_FAMILY = re.compile(r"(?:utm|pk|mtm|piwik|matomo|hsa)_\w+")
# "?source=rss" and the like count the readers of a feed; with any other value they may choose what is shown.
_MAY_NAME_A_FEED = frozenset({"source", "src", "from", "ref", "partner", "cmp", "cmpid", "rss", "feed"})
_NAMES_A_FEED = re.compile(r"(?:rss|atom|feed)(?:$|[-_.\d])|1$")
# Parts that any page has, and what readers' browsers add.
_NO_PLACE = re.compile(r"$|(?:comments?|respond|content|main|top|more-\d+|rss|ref=rss)$|:~:|xtor=|utm_\w+=")


def address(link: object, base: str) -> str | None:
    """Return *link*, seen from *base*, as a web address; None where it is none."""
    given = fold(str(link or ""))
    if not given or len(given) > _LONGEST:
        return None
    try:
        url = urljoin(base, given)
        parts = urlsplit(url)
    except ValueError:  # for example a bracket that is never closed
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def permalink(url: str) -> str:
    """Return *url* without what only tells where its reader came from; all else stays as it is, in its order.

    A fragment stays unless it is known to be none: posts of one page, as of a list of changes, differ in nothing else.
    """
    rest, _, fragment = url.partition("#")
    page, _, query = rest.partition("?")
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))
    return page + (f"?{kept}" if kept else "") + ("" if _NO_PLACE.match(fragment) else f"#{fragment}")


def _is_tracking(pair: str) -> bool:
    name, _, value = pair.removeprefix("amp;").lower().partition("=")
    if name in _MAY_NAME_A_FEED:
        return _NAMES_A_FEED.match(value) is not None
    return name in _TRACKING or _TRACKING_FAMILY.fullmatch(name) is not None
