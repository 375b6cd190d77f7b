"""Search by meaning, which is optional: a model from a folder and the vectors that it made of principles, opened once.

Whoever has no model loads nothing for it: not numpy, and not what runs a model.
"""

import logging
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection
from sqlalchemy.engine import Engine

from kb import facts, modelfiles, schema
from kb.errors import NoModel

if TYPE_CHECKING:
    from kb.encoder import Encoder, Floats
    from kb.vectors import Likeness, Vectors

log = logging.getLogger(__name__)

LONGEST = 1_000  # characters of what is asked that are looked at; a query of the site has 300
ASKED = 256  # texts whose vectors are remembered: each page and filter of an answer asks for the same one
_QUOTES = "quotes stamp"  # name of the fact that changes whenever principles do, see kb/shelf.py
_DONE = "vectors made"  # name of the fact: of which stamp, by which files


class Semantic:
    """A model, if there is one, and its vectors. Safe to use from several threads.

    What is wrong with a model is told in the log, once; all goes on without it.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._opening = threading.Lock()
        self._loading = threading.Lock()
        self._encoder: Encoder | None = None
        self._vectors: tuple[str, Vectors] | None = None  # with their stamp
        self._ask: Callable[[str], Floats]

    def catch_up(self, engine: Engine) -> int:
        """Bring the store's vectors to its principles; return how many were made."""
        try:
            return self._catch_up(engine, self._folder) if self._folder else 0
        except (NoModel, OSError) as error:
            self._give_up(error)
            return 0

    def like(self, db: Connection, text: str) -> "Likeness | None":
        """Return how alike principles are to *text*; None where there is nothing to tell it by."""
        try:
            return self._like(db, text, self._folder) if self._folder and text.strip() else None
        except (NoModel, OSError) as error:
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        self._folder = None
        log.warning("%s; all goes on without search by meaning", error)

    def _like(self, db: Connection, text: str, folder: Path) -> "Likeness | None":
        vectors = self._loaded(db, folder)
        return vectors.like(self._ask(text[:LONGEST])) if len(vectors.ids) else None

    def _catch_up(self, engine: Engine, folder: Path) -> int:
        looks = modelfiles.looks(modelfiles.find(folder))
        with engine.connect() as db:
            quotes = facts.get(db, _QUOTES)
            if facts.get(db, _DONE) == f"{quotes} {looks}":
                return 0
        from kb import vectors  # noqa: PLC0415 - it takes numpy, and most runs find nothing new

        encoder = self._opened(folder)
        made = vectors.catch_up(engine, encoder)
        with schema.writing(engine) as db:
            facts.put(db, _DONE, f"{quotes} {encoder.looks}")
        return made

    def _opened(self, folder: Path) -> "Encoder":
        with self._opening:
            if self._encoder is None:
                from kb.encoder import Encoder  # noqa: PLC0415 - as above

                encoder = self._encoder = Encoder(folder)
                self._ask = lru_cache(ASKED)(lambda text: encoder.encode([text])[0])
            return self._encoder

    def _loaded(self, db: Connection, folder: Path) -> "Vectors":
        """Return the vectors of now; those of a moment ago while another thread loads, which may take half a second."""
        encoder = self._opened(folder)
        from kb import vectors  # noqa: PLC0415 - as above

        if self._vectors and self._loading.locked():
            return self._vectors[1]
        with self._loading:
            stamp = vectors.stamp(db)
            if self._vectors is None or self._vectors[0] != stamp:
                self._vectors = (stamp, vectors.load(db, encoder))
            return self._vectors[1]
