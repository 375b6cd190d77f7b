"""What in an address is a secret.

Many paid and personal feeds carry their password in the address itself. Whoever reads such an address can read the
feed, so `shown` is what pages, logs, messages and exports hold; the whole address is for the store and its server.
"""

import re
from urllib.parse import unquote, urlsplit, urlunsplit

HIDDEN = "…"

# Names of parameters, and of steps of a path, whose value is a secret: `api_key=`, `os_authType=`, `/private-1f3a`.
_SECRET_NAME = re.compile(
    r"""token | secret | passw | passphrase | pwd | key(?!word) | auth(?!or) | private | hash(?!tag) | signature
      | access | credential | session | bearer | jwt | hmac | (?<![a-z])(?:sig|sid|pass|pw|otp)(?![a-z])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FLAG = re.compile(r"|[01]|true|false|yes|no|on|off|none|public", re.IGNORECASE)
_NAMED = re.compile(r"([\w.]{1,40})([:=-])(.+)", re.DOTALL)
_SECRET_STEP = re.compile(r"private|secrets?|tokens?|auth|keys?", re.IGNORECASE)
_CODE = re.compile(
    r"(?=\D*\d)[\w-]{6,}"
)  # what follows such a step; words alone, as in /private/banking, are none
_ENDING = re.compile(r"(\.[A-Za-z]{2,5})\Z")
# Names of what anyone may see, though it looks drawn by lot.
_IDENTIFIER = re.compile(r"_?(?:[a-z]+_)?id|u", re.IGNORECASE)
_GIVEN_ID = re.compile(r"UC[\w-]{22}|(?:PL|UU|OL)[\w-]{16,34}")  # YouTube's, of a channel or a playlist
_UUID = re.compile(r"[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]+", re.IGNORECASE)
_RUN = re.compile(r"[0-9A-Za-z]+")
# A capital at the beginning of a word is no turn: CustomerService has one, dQw4w9WgXcQ has six.
_TURN = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_SHORTEST_TOKEN = (
    20  # pinboard.in has 20; shorter ones are mostly ids, as in 3 of 1,605 public addresses at 16
)
_TURNS_PER_CHARACTER = (
    0.2  # random letters and digits have 0.4 and more, words with years and numbers below 0.15
)
# Google Alerts' feeds have two long numbers for their only lock.
_ALERTS = re.compile(r"(?<=/alerts/feeds/)\d{10,}/\d{10,}")


def is_private(url: str) -> bool:
    """Tell whether an address holds what only its owner should know."""
    return shown(url) != url


def shown(url: str) -> str:
    """Return an address as anyone may see it: `https://a.example/feed?token=…`. What is no address stays as it is."""
    if url.lower().startswith("feed:"):
        return url[:5] + shown(url[5:])
    try:
        parts = urlsplit(url)
    except ValueError:  # where its parts cannot be told, neither can its secrets
        return url.partition("//")[0] + f"//{HIDDEN}"
    if not parts.netloc:
        return url
    _, credentials, place = parts.netloc.rpartition("@")
    netloc = f"{HIDDEN}@{place}" if credentials else place
    path, query, fragment = _path(parts.path), _query(parts.query), _query(parts.fragment)
    unchanged = (netloc, path, query, fragment) == parts[1:]
    return url if unchanged else urlunsplit((parts.scheme, netloc, path, query, fragment))


def _query(query: str) -> str:
    return re.sub(r"[^&;]+", lambda part: _parameter(part[0]), query)


def _parameter(part: str) -> str:
    name, given, value = part.partition("=")
    if not given:
        return HIDDEN if _is_token(unquote(part)) else part
    is_identifier = _IDENTIFIER.fullmatch(unquote(name))
    hidden = _names_secret(unquote(name), value) or (not is_identifier and _is_token(unquote(value)))
    return f"{name}={HIDDEN}" if hidden else part


def _path(path: str) -> str:
    steps = re.split(r"([/;])", _ALERTS.sub(f"{HIDDEN}/{HIDDEN}", path))
    return "".join(_step(step, within) for step, within in zip(steps, ["", "", *steps], strict=False))


def _step(step: str, within: str) -> str:
    """Return a step of a path; *within* is the one before."""
    bare, *ending = _ENDING.split(step, maxsplit=1)
    name, rest = unquote(bare), "".join(ending)
    named = _NAMED.fullmatch(name)
    if named and _names_secret(named[1], named[3]) and (named[2] != "-" or _is_token(named[3])):
        return f"{named[1]}{named[2]}{HIDDEN}{rest}"
    is_code = _SECRET_STEP.fullmatch(within) and _CODE.fullmatch(name)
    return f"{HIDDEN}{rest}" if is_code or _is_token(name) else step


def _names_secret(name: str, value: str) -> bool:
    return bool(_SECRET_NAME.search(name)) and not _FLAG.fullmatch(value)


def _is_token(text: str) -> bool:
    """Tell whether *text* looks drawn by lot: long, and letters and digits mixed as no words are."""
    if len(text) < _SHORTEST_TOKEN or _GIVEN_ID.fullmatch(text):
        return False
    return bool(_UUID.search(text)) or any(map(_is_random, _RUN.findall(text))) or _is_random(text)


def _is_random(text: str) -> bool:
    if len(text) < _SHORTEST_TOKEN:
        return False
    turns = len(_TURN.findall(text))
    return bool(_HEX.fullmatch(text)) or turns >= len(text) * _TURNS_PER_CHARACTER
