"""Instructions and obligations in a sentence, seen in its words alone: no tagger, no model.

A sentence comes as words and marks in lower case, see `phrases.tokens`.
"""

from collections.abc import Sequence

from ingest import phrases

_ENDS = frozenset({"", ",", ";", ":", "—", "–", "--", "…", "(", ")", '"', ".", "!", "?"})
_BREAKS = frozenset({",", "—", "–", "--"})
_STRONG_BREAKS = frozenset({";", ":", "—", "–", "--"})
_DO_OBJECTS = frozenset({"your", "the", "it", "what", "whatever", "everything", "more", "so", "this"})
_THEM = frozenset({"them", "him", "her", "your", "the", "customers", "people", "everyone"})
_NOT_BEFORE_COMMAND = (
    phrases.PRONOUNS
    | phrases.FINITE
    | phrases.STRONG_MODALS
    | {"to", "not", "and", "or", "customers", "don't"}
)
_SPECIAL = frozenset({"be", "let", "no", "under", "over"})
_LONGEST_UNPUNCTUATED = 14


def commands(words: Sequence[str], at: int = 0) -> bool:
    """Tell whether an instruction begins at word *at*."""
    verb, after = _word(words, at), _word(words, at + 1)
    if verb in {"don't", "dont", "never", "always"}:
        return _follows_adverb(verb, after)
    if verb == "do":
        return after in _DO_OBJECTS or (after == "not" and _follows_adverb("don't", _word(words, at + 2)))
    if verb in _SPECIAL:
        return _is_special(verb, after)
    if verb not in phrases.VERBS or verb in phrases.RARELY_COMMANDS or after in phrases.FINITE:
        return False
    return _has_object(words, at) if verb in phrases.NOUN_VERBS else _takes(verb, after)


def commands_if(words: Sequence[str]) -> bool:
    """Tell whether a condition comes first and the instruction after it: "When they shout, stay calm"."""
    if _word(words, 0) not in phrases.CONDITIONS:
        return False
    return _commands_after(words, _BREAKS) or _commands_unpunctuated(words)


def commands_within(words: Sequence[str]) -> bool:
    """Tell whether an instruction follows a statement: "They want no excuses; give them a date"."""
    return _commands_after(words, _STRONG_BREAKS)


def obliges(words: Sequence[str]) -> str | None:
    """Return "modal" for "should" and "must", "weak_modal" for "need to" and "has to", where somebody is held to it."""
    if phrases.MODALS.isdisjoint(words):  # most sentences
        return None
    for at, word in enumerate(words):
        if word in phrases.STRONG_MODALS and _is_duty(words, at):
            return "modal"
        if (
            word in phrases.WEAK_MODALS
            and _word(words, at + 1) == "to"
            and _subject(words, at) in phrases.PEOPLE
        ):
            return "weak_modal"
    return None


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _follows_adverb(adverb: str, verb: str) -> bool:
    if adverb in {"never", "always"}:
        return verb in phrases.VERBS or verb in {"be", "ever", "just"}
    return verb not in phrases.PRONOUNS and verb not in phrases.FINITE and verb not in _ENDS


def _is_special(verb: str, after: str) -> bool:
    if verb == "be":
        return after not in _ENDS and after not in phrases.PRONOUNS
    if verb == "let":
        return after not in _ENDS and after not in {"me", "us", "alone"}
    return (verb, after) in {
        ("no", "more"),
        ("under", "promise"),
        ("over", "deliver"),
    }  # "Under promise and over deliver."


def _takes(verb: str, after: str) -> bool:
    """Tell whether *after* may follow a plain verb in an instruction."""
    if after in _ENDS:
        return verb in phrases.STAND_ALONE or after in {",", "—", "–"}
    if after in phrases.PRONOUNS and after not in {"it", "that", "everyone", "who", "you"}:
        return False
    if after == "you":
        return verb in phrases.MENTAL
    return after != "of" or verb == "think"


def _has_object(words: Sequence[str], at: int) -> bool:
    after = _word(words, at + 1)
    if after in phrases.OBJECTS:
        return True
    if after not in phrases.PLURALS and not after.endswith("ly"):
        return False
    return phrases.FINITE.isdisjoint(words[at + 2 : at + 4]) and _word(words, at + 2) != "to"


def _commands_after(words: Sequence[str], marks: frozenset[str]) -> bool:
    if marks.isdisjoint(words):  # most sentences
        return False
    for at, word in enumerate(words):
        if word not in marks:
            continue
        start = at + 1
        while _word(words, start) in phrases.LINKS:
            start += 1
        if word == "," and _opens_statement(words, start):
            return False
        if commands(words, start) and not _is_listed(words, start):
            return True
    return False


def _opens_statement(words: Sequence[str], at: int) -> bool:
    first = _word(words, at)
    if first in phrases.SUBJECTS:
        return True
    return first in phrases.DETERMINERS and not phrases.FINITE.isdisjoint(words[at + 1 : at + 6])


def _is_listed(words: Sequence[str], at: int) -> bool:
    """Tell whether it is only a verb of the condition: "if you ask, listen and act, they will stay"."""
    return any(
        word == "," and (after in phrases.SUBJECTS or after == "your")
        for word, after in zip(words[at:], words[at + 1 :], strict=False)
    )


def _commands_unpunctuated(words: Sequence[str]) -> bool:
    """Tell whether a short condition runs into its instruction: "When a guest walks in greet them"."""
    if words[0] not in {"if", "when", "whenever"} or "," in words or len(words) > _LONGEST_UNPUNCTUATED:
        return False
    return any(
        words[at] in phrases.VERBS
        and words[at] not in phrases.NOUN_VERBS
        and words[at - 1] not in _NOT_BEFORE_COMMAND
        and _word(words, at + 1) in _THEM
        for at in range(4, len(words))
    )


def _is_duty(words: Sequence[str], at: int) -> bool:
    after, subject = _word(words, at + 1), _subject(words, at)
    if after in phrases.NOT_OBLIGED or after in _ENDS or subject in phrases.NOT_ADDRESSED:
        return False
    return subject in phrases.PEOPLE or subject in phrases.SERVED or not phrases.SERVICE.isdisjoint(words)


def _subject(words: Sequence[str], at: int) -> str:
    while _word(words, at - 1) in phrases.ADVERBS:
        at -= 1
    return _word(words, at - 1)
