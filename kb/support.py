"""What a principle's quotes come to: its wording, its topics and how many independent sources it has. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kb import wording
from kb.model import Completeness, Filing
from kb.wording import Candidate

MOST_TOPICS = 3
# A quote's main topic says more of its principle than its third.
_VOTES = (3, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A quote, as far as its principle depends on it."""

    text: str
    confidence: float
    topics: Iterable[Any]  # [[topic, [word, ...]], ...], main one first
    publisher: str  # of the original where its post is a copy: a group of copies counts as one
    completeness: Completeness
    changed: bool = False  # its source has replaced it since
    is_flawed: bool = False  # its post reads as no person wrote it, see ingest/flaws.py


@dataclass(slots=True, kw_only=True)
class Support:
    """The sum of a principle's quotes; give them in the order in which they were kept."""

    voices: int = 0
    publishers: set[str] = field(default_factory=set)
    wording: str = ""
    _merit: tuple[bool, tuple[float, int]] | None = None
    _votes: Counter[str] = field(default_factory=Counter)
    _words: dict[str, dict[str, None]] = field(default_factory=dict)

    def add(self, voice: Voice) -> None:
        """Count one more quote."""
        self.voices += 1
        self.publishers.add(voice.publisher)
        said = Candidate(text=voice.text, confidence=voice.confidence, completeness=voice.completeness)
        # However well a flawed text puts it: a clean one words it. Of equals it is the same one, whichever came first.
        merit = (not voice.is_flawed, wording.merit(said))
        if self._merit is None or merit > self._merit or (merit == self._merit and voice.text < self.wording):
            self._merit, self.wording = merit, voice.text
        for (topic, shown_by), vote in zip(voice.topics, _VOTES, strict=False):
            self._votes[topic] += vote
            self._words.setdefault(topic, {}).update(dict.fromkeys(shown_by))

    @property
    def topics(self) -> list[Filing]:
        """The topics that most quotes are about, the main one first."""
        ranked = sorted(self._votes, key=lambda topic: (-self._votes[topic], topic))[:MOST_TOPICS]
        return [Filing(topic=topic, words=tuple(self._words[topic])) for topic in ranked]


def of(voices: Sequence[Voice]) -> Support:
    """Return the support that these quotes give; replaced ones give none, and words only where there are no others."""
    current = [voice for voice in voices if not voice.changed]
    found = Support()
    for voice in current or voices:
        found.add(voice)
    if not current:
        found.publishers.clear()
    return found
