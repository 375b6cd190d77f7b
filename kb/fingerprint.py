"""What tells one text from another whatever its spacing, case and marks. Pure."""

import hashlib
import re

TELLING = 200  # letters; two posts may both say "Thank you for your patience."
_NO_LETTER = re.compile(r"[\W_]+")


def letters(text: str) -> str:
    """Return the letters and digits of *text*, in lower case."""
    return _NO_LETTER.sub("", text.casefold())


def of_post(text: str) -> str | None:
    """Return the fingerprint of a post's text; None for one too short to be told by it."""
    found = letters(text)
    return hashlib.sha256(found.encode("utf-8", "replace")).hexdigest() if len(found) >= TELLING else None


def of_block(text: str) -> str:
    """Return the short fingerprint of one block of a post."""
    return hashlib.sha256(letters(text).encode("utf-8", "replace")).hexdigest()[:16]
