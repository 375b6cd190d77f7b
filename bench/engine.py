"""What every search engine of `bench.search` can do; each stands in a module of its own in `bench/engines`.

| kind of query | finds |
| --- | --- |
| and | principles with both of two words |
| words | principles with all of one to three words |
| or | principles with any of three to eight words |
| phrase | principles in which two or three words follow each other |
| prefix | principles with a word that begins with three or four letters |
| fuzzy | principles with a word that differs from what was typed by one letter, which is not its first |
| facets | as "or", and of how many principles each topic has among all that is found |
| highlights | as "words", and the quotes of the ten best with the words marked |

All look into the same five fields with the same weights. Nothing heavy is loaded here: starting an engine is measured.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Literal, get_args

Kind = Literal["and", "words", "or", "phrase", "prefix", "fuzzy", "facets", "highlights"]
KINDS: tuple[Kind, ...] = get_args(Kind)
ENGINES = {"guidepost": "Guidepost", "whoosh": "Whoosh", "fts5": "Fts5", "tantivy": "Tantivy"}
WEIGHTS = {"quote": 4.0, "others": 2.0, "title": 2.0, "topics": 1.0, "context": 1.0}
FACETS = ("topic", "feed", "year")
TOP = 10

Document = tuple[int, Mapping[str, Sequence[str]]]  # as in `kb.documents`


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    kind: Kind
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    ids: Sequence[int]  # of the ten best
    topics: Mapping[str, int] = field(default_factory=dict)  # how often, among all that was found
    marked: Sequence[str] = ()  # quotes of the ten best


class Engine(ABC):
    """An engine with its index in a folder."""

    kinds: ClassVar[Sequence[Kind]] = KINDS  # of queries that it can answer

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    @abstractmethod
    def version() -> str:
        """Return the version of what is measured."""

    @abstractmethod
    def build(self, documents: Iterable[Document]) -> None:
        """Make the index, of these principles."""

    @abstractmethod
    def commit(self, new: Sequence[Document], changed: Sequence[Document]) -> None:
        """Add principles, and put others in the place of those of their ids; the next search here finds them."""

    @abstractmethod
    def search(self, query: Query) -> Found:
        """Answer from the newest commit that is known here."""

    @abstractmethod
    def close(self) -> None:
        """Close all files."""


def load(name: str) -> type[Engine]:
    """Return an engine; raises ImportError where it is not installed."""
    found: type[Engine] = getattr(import_module(f"bench.engines.{name}"), ENGINES[name])
    return found
