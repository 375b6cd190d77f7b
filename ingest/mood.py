"""Instructions and obligations in a sentence, seen in its words alone: no tagger, no model.

A sentence comes as words and marks in lower case, see `phrases.tokens`.
"""

from collections.abc import Sequence

from ingest import phrases

_ENDS = frozenset({"", ",", ";", ":", "—", "–", "--", "…", "(", ")", '"', ".", "!", "?"})
_BREAKS = frozenset({",", "—", "–", "--"})
_STRONG_BREAKS = frozenset({";", ":", "—", "–", "--"})
_DASHES = frozenset({"—", "–", "--"})
_DO_OBJECTS = frozenset({"your", "the", "it", "what", "whatever", "everything", "more", "so", "this"})
_THEM = frozenset({"them", "him", "her", "your", "the", "customers", "people", "everyone"})
_NOT_BEFORE_COMMAND = (
    phrases.PRONOUNS
    | phrases.FINITE
    | phrases.STRONG_MODALS
    | {"to", "not", "and", "or", "customers", "don't"}
)
_ARTICLES = frozenset({"a", "an", "the", "every", "each", "no", "your", "all", "any"})
_NEAR_START = 5  # words; a subject further on is seldom the one that is held to it
_AT_START = 2  # "Rules should protect the many."
_POSSESSED = _ARTICLES | {"to", "access", "their", "some", "what", "enough", "clear", "one"}
_ASKED_FROM = 3  # "What you need to do is listen" asks nothing
_FRONTED = phrases.SUBORDINATE | {"if", "as", "once", "after", "before"}
_SO = frozenset({"but", "so"})
_MUSED = frozenset({"imagine", "picture", "suppose", "consider", "think"})
# Two nouns, where a verb and its object would look the same.
_COMPOUNDS = frozenset(
    {("help", second) for second in ("desk", "desks", "center", "centre", "site", "page", "line")}
    | {("repeat", second) for second in ("calls", "customers", "business", "visits", "purchases", "contacts")}
)
_BEING = frozenset({"is", "are", "was", "were", "isn't", "aren't"})
_FAR = 9  # words; a subject and its verb seldom stand further apart
_CLAUSES = (
    phrases.SUBJECTS
    | phrases.QUESTION_WORDS
    | {"whose", "if", "when", "because", "while", "as", "until", "before", "after", "once"}
)
_TELLING = phrases.MENTAL | {"note", "check", "hope", "guess", "doubt", "trust"}
_SURELY_COMMANDS = frozenset({"don't", "never", "always"})  # so plainly that no comma is needed
_SPECIAL = frozenset({"be", "have", "let", "no", "under", "over"})
_LONGEST_UNPUNCTUATED = 14


def commands(words: Sequence[str], at: int = 0) -> bool:
    """Tell whether an instruction begins at word *at*."""
    manner = _word(words, at)
    if _is_manner(manner):
        at += 1
    verb, after = _word(words, at), _word(words, at + 1)
    if verb in {"don't", "dont", "never", "always"}:
        return _follows_adverb(verb, after)
    if verb == "do":
        return after in _DO_OBJECTS or (after == "not" and _follows_adverb("don't", _word(words, at + 2)))
    if verb in _SPECIAL:
        return _is_special(verb, after)
    if verb not in phrases.VERBS or verb in phrases.RARELY_COMMANDS or after in phrases.FINITE:
        return False
    if verb not in phrases.NOUN_VERBS:
        return _takes(verb, after) and (verb, after) not in _COMPOUNDS
    is_led = manner != verb and manner not in phrases.LOOSE_MANNER and _takes(verb, after)
    return (_has_object(words, at) or is_led) and not _heads_statement(words, at)


def commands_if(words: Sequence[str]) -> bool:
    """Tell whether a condition comes first and the instruction after it: "When they shout, stay calm"."""
    if _word(words, 0) not in phrases.CONDITIONS or (words[0] == "no" and _word(words, 1) != "matter"):
        return False
    return _commands_after(words, _BREAKS) or _commands_unpunctuated(words)


def commands_within(words: Sequence[str]) -> bool:
    """Tell whether an instruction follows a statement: "They want no excuses; give them a date"."""
    return _commands_after(words, _STRONG_BREAKS) or _commands_after_link(words)


def _commands_after_link(words: Sequence[str]) -> bool:
    """Tell whether an instruction follows from a statement: "It is hard, but try to stay calm"."""
    return any(
        words[at] in _SO
        and (words[at - 1] == "," or words[at + 1] in _SURELY_COMMANDS)
        and words[at + 1] not in _MUSED
        and commands(words, at + 1)
        for at in range(2, len(words) - 1)
    )


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
            and (_subject(words, at) in phrases.PEOPLE or _is_owed(words, at))
            and not _is_aside(words, at)
            and not (at > _ASKED_FROM and _asks(words, at))
        ):
            return "weak_modal"
    return None


def portrays(words: Sequence[str]) -> bool:
    """Tell whether it says what good people do: "Good leaders lead from the front", "a great shop admits it"."""
    at = 1 if _word(words, 0) in _ARTICLES else 0
    if _word(words, at) not in phrases.GOOD:
        return False
    for place in range(at + 1, min(at + 5, len(words) - 1)):
        if words[place] in phrases.PROVIDERS and _acts(words, place + 1):
            return True
    return False


def _acts(words: Sequence[str], at: int) -> bool:
    while _word(words, at) in phrases.ADVERBS or _is_manner(_word(words, at)):
        at += 1
    verb = _word(words, at)
    if verb in phrases.PROVIDERS or _word(words, at + 1) in phrases.FINITE:
        return False
    base = verb.removesuffix("s") if verb.endswith("s") and not verb.endswith("ss") else verb
    return (base in phrases.VERBS or verb.removesuffix("es") in phrases.VERBS) and base not in phrases.STATES


def _word(words: Sequence[str], at: int) -> str:
    return words[at] if 0 <= at < len(words) else ""


def _follows_adverb(adverb: str, verb: str) -> bool:
    if adverb in {"never", "always"}:
        return verb in phrases.VERBS or verb in {"be", "ever", "just"}
    return verb not in phrases.PRONOUNS and verb not in phrases.FINITE and verb not in _ENDS


def _is_special(verb: str, after: str) -> bool:
    if verb == "be":
        return after not in _ENDS and after not in phrases.PRONOUNS
    if verb == "have":
        return after in _POSSESSED - {"to", "no", "all"}
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
        return verb in phrases.STAND_ALONE or after in {",", "—", "–", '"'}
    if after in phrases.PRONOUNS and after not in {"it", "that", "everyone", "who", "you"}:
        return False
    if after == "you":
        return verb in phrases.MENTAL
    return after != "of" or verb == "think"


def _is_manner(word: str) -> bool:
    """Tell whether *word* may say how to follow an instruction: "Mutually agree", "politely ask"."""
    return word.endswith("ly") and word not in phrases.VERBS and word not in phrases.NOT_MANNER


def _has_object(words: Sequence[str], at: int) -> bool:
    after = _word(words, at + 1)
    if after in phrases.OBJECTS or (after == "to" and words[at] in phrases.TO_VERBS):
        return True
    if after.endswith(("ing", "ed")):  # "Coach struggling agents."
        return _word(words, at + 2) in phrases.PLURALS
    if after not in phrases.PLURALS and not after.endswith("ly"):
        return False
    return phrases.FINITE.isdisjoint(words[at + 2 : at + 4]) and _word(words, at + 2) != "to"


def _heads_statement(words: Sequence[str], at: int) -> bool:
    """Tell whether a noun is what the sentence speaks of: "Repeat calls within a week are a bad sign"."""
    if words[at] in _TELLING:  # "Note the guest is waiting."
        return False
    for word in words[at + 1 : at + _FAR]:
        if word in _ENDS or word in _CLAUSES:
            return False
        if word in _BEING:
            return True
    return False


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
        if _closes_aside(words, at):
            continue
        if commands(words, start) and not _is_listed(words, start):
            return True
    return False


def _closes_aside(words: Sequence[str], at: int) -> bool:
    """Tell whether a dash is the second of a pair: "The views - as a cost, as a chance - tie into a bigger one"."""
    return words[at] in _DASHES and words[at] in words[:at]


def _opens_statement(words: Sequence[str], at: int) -> bool:
    first = _word(words, at)
    if first in phrases.SUBJECTS or (first in phrases.PEOPLE and _word(words, at + 1) in phrases.FINITE):
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
    if (
        _asks(words, at)
        or (after in phrases.NOT_OBLIGED and not _is_possession(words, at))
        or after in _ENDS
        or subject in phrases.NOT_ADDRESSED
        or _is_aside(words, at)
    ):
        return False
    if subject in phrases.CUSTOMERS and _next(words, at) not in phrases.OWED:
        return False
    if subject in phrases.PEOPLE or subject in phrases.SERVED or not phrases.SERVICE.isdisjoint(words):
        return True
    clause = max((place + 1 for place in range(at) if words[place] == ","), default=0)
    near = _NEAR_START if words[clause] in _ARTICLES else _AT_START
    return at - clause <= near and subject not in phrases.SUBJECTS


def _is_owed(words: Sequence[str], at: int) -> bool:
    """Tell "customers need to be heard" from "customers need to buy"."""
    return _subject(words, at) in phrases.SERVED and _word(words, at + 2) == "be"


def _asks(words: Sequence[str], at: int) -> bool:
    """Tell whether the duty is asked for: "not sure what you should do"."""
    return not phrases.QUESTION_WORDS.isdisjoint(words[max(0, at - 3) : at])


def _is_possession(words: Sequence[str], at: int) -> bool:
    """Tell "should have the power" from "should have called"."""
    return _word(words, at + 1) == "have" and _word(words, at + 2) in _POSSESSED


def _next(words: Sequence[str], at: int) -> str:
    return next((word for word in words[at + 1 :] if word not in phrases.ADVERBS and word != "not"), "")


def _is_aside(words: Sequence[str], at: int) -> bool:
    """Tell whether word *at* stands in a clause that only gives a time or reason: "morale falls when teams must"."""
    if words[0] in _FRONTED and "," not in words[:at]:  # "When a guest has to wait, he leaves."
        return True
    clause = words[max(0, at - 6) : at]
    if "mean" in clause:  # "That doesn't mean you should argue."
        return True
    begins = max((place for place, word in enumerate(clause) if word == ","), default=-1) + 1
    return begins == 0 and len(words) > at and not phrases.SUBORDINATE.isdisjoint(clause[1:])


def _subject(words: Sequence[str], at: int) -> str:
    while _word(words, at - 1) in phrases.ADVERBS:
        at -= 1
    return _word(words, at - 1)
