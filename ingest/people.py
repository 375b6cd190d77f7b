"""Names as feeds and pages give them."""

import re

from ingest import clean
from ingest.blocks import fold

_LONGEST = 500  # characters; whole articles have been seen in fields for names
_MAIL = re.compile(r"(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8}")


def person(name: str) -> str | None:
    """Return the name in *name*, such as "a@b.example (Ann Bell)"; None where there is only an address."""
    text = clean.inline(name[:_LONGEST])
    bare = fold(_MAIL.sub(" ", text)).replace("( )", "").replace("<>", "").replace("()", "").strip(" <>,;-")
    if bare.startswith("(") and bare.endswith(")"):
        bare = bare[1:-1].strip()
    return bare if any(c.isalnum() for c in bare) and not bare.startswith(("http://", "https://")) else None
