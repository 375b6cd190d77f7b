"""How guidance is worded: the tables of `phrases.toml` and `verbs.txt` ready to be matched, and sets of single words.

Everything is meant for text in lower case with straight quotation marks. No pattern holds an unbounded repeat within
a repeat.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

MOST_TOKENS = 120  # a quote of 600 characters has no more
_STRAIGHT = (("‘", "'"), ("’", "'"), ("“", '"'), ("”", '"'), ("\n", " "), ("\xa0", " "))
# What is most frequent comes first, which saves a fifth of the time. An apostrophe at the end belongs to no word:
# "the 'guest'", "guests' letters".
_TOKEN = re.compile(r"[a-z](?:[\w'$-]*[\w$-])?|[,;:.!?()\"…–—@%]|\d+%|[0-9][\w'$-]*|--")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pattern:
    """A wording, the reason it stands for, and the words without one of which it is not looked for."""

    reason: str
    words: frozenset[str]
    regex: re.Pattern[str]
    like: tuple[str, ...]  # examples; a test holds the pattern to them


Table = Mapping[str, Sequence[Pattern]]  # by each of its words


def tokens(text: str) -> list[str]:
    """Return the words and marks of *text*."""
    return _TOKEN.findall(text)[:MOST_TOKENS]


@lru_cache(maxsize=256)  # a unit is read again as the neighbour of the next, a title with each
def plain(text: str) -> str:
    """Return *text* in lower case with straight quotation marks, on one line: what all patterns are meant for."""
    for curly, straight in _STRAIGHT:
        text = text.replace(curly, straight)
    return text.lower().strip()


def _read(name: str) -> str:
    return resources.files("ingest").joinpath(name).read_text("utf-8")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _lexicon(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return all verbs that open an instruction, and those among them that are ordinary nouns or adjectives too."""
    rows = [row for row in text.splitlines() if not row.startswith("#")]
    plain = {word for row in rows if not row.startswith("=") for word in row.split()}
    double = {word for row in rows if row.startswith("=") for word in row[1:].split()}
    return frozenset(plain | double), frozenset(double)


def _by_start(alternatives: list[str]) -> dict[str, list[str]]:
    """Group alternatives by their anchor: each with a word boundary of its own they take twice as long."""
    groups: dict[str, list[str]] = {}
    for alternative in alternatives:
        start = next((mark for mark in ("^", r"\b") if alternative.startswith(mark)), "")
        groups.setdefault(start, []).append(alternative.removeprefix(start))
    return groups


def _pattern(row: Mapping[str, Any], parts: Mapping[str, str]) -> Pattern:
    regex = "|".join(f"{start}(?:{'|'.join(rest)})" for start, rest in _by_start(row["any"]).items())
    for name, part in parts.items():
        regex = regex.replace(f"<{name}>", part)
    return Pattern(
        reason=row["reason"], words=_words(row["words"]), regex=re.compile(regex), like=tuple(row["like"])
    )


def _by_word(patterns: Iterable[Pattern]) -> Table:
    table: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        for word in pattern.words:
            table.setdefault(word, []).append(pattern)
    return table


_TABLES = tomllib.loads(_read("phrases.toml"))
BIAS = float(_TABLES["bias"])
WEIGHTS: Mapping[str, float] = _TABLES["weights"] | {
    row["reason"]: row["weight"] for row in _TABLES["pattern"]
}
PATTERNS = tuple(_pattern(row, _TABLES["part"]) for row in _TABLES["pattern"])
FOR = _by_word(pattern for pattern in PATTERNS if WEIGHTS[pattern.reason] > 0)
AGAINST = _by_word(pattern for pattern in PATTERNS if WEIGHTS[pattern.reason] <= 0)
VERBS, NOUN_VERBS = _lexicon(_read("verbs.txt"))

# What may follow a verb that is a noun too, when it is a verb: "answer their", "answer every", not "answer is".
OBJECTS = _words(
    "the a an your their them his him her our every each all any it its this that these those what how why whether"
    " when everyone everything something someone yourself one more as with on for out up down back ahead from about at"
    " in into only both through over until before after around off away always never carefully quickly well right"
    " soon together early often if back beyond against between within toward towards than"
)
PLURALS = _words(
    "customers clients guests callers users people employees staff agents reps representatives managers complaints"
    " calls emails questions messages requests problems issues mistakes errors feedback expectations results customer"
    " empathy patience respect kindness questions details"
    " client"
)
FINITE = _words(
    "is are was were has have had will would can could may might should must does did isn't aren't wasn't weren't"
    " won't can't couldn't shouldn't doesn't didn't hasn't haven't 's also often usually becomes seems means makes"
    " helps comes gets needs"
)
PRONOUNS = _words("i you we they he she it who that there everyone nobody")
# Verbs after which "that" or "you" opens what is to be kept in mind.
MENTAL = _words(
    "remember understand recognise recognize realise realize assume know believe think ensure accept acknowledge"
    " appreciate notice forget show tell expect explain say admit promise"
)
# Base forms that open a statement or a question more often than an instruction.
RARELY_COMMANDS = _words("need want like mean deserve hope wonder fear being tend")
STAND_ALONE = _words(
    "apologize apologise listen smile empathize empathise care respond follow-up deliver relax breathe lead learn"
)
CONDITIONS = _words(
    "if when whenever once before after while during throughout instead rather as where for in at by with without"
    " regardless no to unless until even on over next every because since although though from within despite given"
    " whether wherever through whatever whoever however always once as soon especially particularly"
)
# Nouns and adjectives that take "to" when they command: "attempt to", "plan to".
TO_VERBS = _words(
    "reply target aim attempt offer plan work promise volunteer pledge resolve endeavour endeavor"
)
# Words in -ly that say nothing about the manner of an instruction.
NOT_MANNER = _words(
    "only family likely unlikely early daily weekly monthly yearly friendly lovely ugly silly hourly unfriendly costly"
    " deadly elderly lively lonely orderly timely assembly anomaly monopoly bully belly jelly unfortunately luckily"
    " sadly thankfully fortunately hopefully interestingly surprisingly apparently clearly obviously"
)
# Said of a whole sentence rather than of how to do something: "Usually support answers."
LOOSE_MANNER = _words("usually typically generally normally mostly recently currently eventually really")
# They may stand between a comma and an instruction: "If it is late, then just say so."
LINKS = frozenset({"then", "also", "just", "simply", "please", "instead", "first", '"'})
DETERMINERS = _words("the a an your their our every each")
SUBJECTS = _words("they you it we he she i there this that these those it's you're they're you'll they'll")
PEOPLE = _words(
    "you we they one company companies business businesses organisation organisations organization organizations rep"
    " reps representative representatives agent agents employee employees manager managers management leader leaders"
    " staff team teams associate associates professional professionals owner owners firm firms brand brands department"
    " departments supervisor supervisors trainee trainees clerk clerks technician technicians engineer engineers shop"
    " shops store stores retailer retailers salesperson salespeople boss bosses operator operators ceo executive"
    " executives founder founders receptionist waiter waiters worker workers provider providers consultant newcomer"
    " newcomers desk hotel restaurant bank vendor vendors seller sellers colleague colleagues you'll"
)
SERVED = _words(
    "anyone anybody everyone everybody nobody people person support customer customers client clients guest guests"
    " caller callers user users buyer buyers shopper shoppers patient patients inquiry inquiries question questions"
    " complaint complaints feedback call calls email emails message messages service apology response responses reply"
    " replies answer answers training policy policies process problem problems issue issues request requests"
)
# Who is good at it, in what is said of them: "Good leaders admit it."
GOOD = _words(
    "good great best better excellent exceptional outstanding successful smart true superior world-class"
    " effective strong wise real amazing caring proactive mature genuine skilled proper decent honest top"
    " professional customer-focused customer-centric smarter"
)
# They serve, or lead those who do.
PROVIDERS = _words(
    "company companies business businesses organisation organisations organization organizations rep reps"
    " representative representatives agent agents manager managers leader leaders team teams professional"
    " professionals owner owners firm firms brand brands supervisor supervisors technician technicians shop shops"
    " store stores retailer retailers boss bosses coach coaches trainer trainers employer employers service"
    " support department departments waiter waiters clerk clerks employee employees staff restaurant restaurants"
    " hotel hotels salesperson salespeople listener listeners provider providers receptionist receptionists"
)
STATES = _words(
    "want need know think believe feel have get like hope fear spend lose hear see find suffer struggle fail"
    " forget tend complain leave say claim report call turn run face come quit experience expect work look use"
    " sell wonder"
)
QUESTION_WORDS = _words("what how whether who why where which")
CUSTOMERS = _words(
    "customer customers client clients guest guests caller callers user users buyer buyers shopper shoppers"
    " patient patients"
)
# What customers must do is a rule for them; what they must be, feel or have is one for those who serve.
OWED = _words("be feel have get know receive see find come hear understand trust walk expect notice")
ADVERBS = _words(
    "also simply really always then ultimately all never still just only often generally certainly definitely probably"
    " first both constantly consistently absolutely ideally therefore actually"
)
STRONG_MODALS = _words("should must shouldn't mustn't ought shall")
WEAK_MODALS = _words("need needs have has")  # only with "to" after them
MODALS = STRONG_MODALS | WEAK_MODALS
NOT_OBLIGED = _words("have i the a an you they we there your")  # "should you ...", "should have ..."
NOT_ADDRESSED = _words("i he she why what who how which whom")
SUBORDINATE = _words("when because while although though why where since")
SERVICE = _words(
    "customer customers client clients guest guests caller callers user users buyer buyers service services support"
    " employee employees staff team teams agent agents rep reps representative representatives complaint complaints"
    " apology apologise apologize call calls email emails refund mistake mistakes company companies business manager"
    " managers feedback listen listening problem problems issue issues trust promise promises empathy apologies"
    " solution solutions helpdesk responsibility hire hiring training trainees people reply response respond"
    " experience angry upset loyal loyalty"
)

OPENERS = re.compile(
    "(?:(?:"
    "and|but|so|then|also|yet|plus|or|now|still|instead(?! of)|(?:first|second) of all"
    "|first|second|third|fourth|fifth|firstly|secondly|thirdly"
    "|next(?! time)|finally|lastly|last|likewise|similarly"
    "|simply put|put simply|simply|just|please|therefore|thus|otherwise|however|again"
    "|ultimately|basically|certainly|naturally|obviously|of course|above all|most importantly|more importantly"
    "|most of all|in addition|additionally|furthermore|moreover|whenever possible|wherever possible|where possible"
    "|if possible|when possible|if necessary|if you can|when you can|no matter what|even better|better yet|better still"
    "|at the same time|on the other hand|for example|for instance|to start with|to begin with|to start|to begin"
    "|for starters|for a start|in short|in the end|in general|as a rule|as always|at the end of the day"
    "|first and foremost|last but not least|that said|to that end|in other words|remember|by all means|at all times"
    "|all in all|overall|generally|normally|ideally|as much as possible"
    "|at the very least|at least|only|in my (?:experience|opinion|view)|\\d(?:st|nd|rd|th)"
    ")(?:[,:]| [–—-]{1,2})? |[–—-]{1,2} |…|\\()"
)
# A word with a capital that opens no sentence and is no "I"; not at every second word, as in a title.
NAME = re.compile(r"(?<=[a-z,] )(?!I\b|I['’])[A-Z][a-z]+\b(?! [A-Z])")
# Neither an ordinal nor how long something may take: "Reply within 24 hours."
FIGURE = re.compile(r"\b\d++(?!(?:st|nd|rd|th)\b|[ -]?(?:hour|minute|second|day|week|ring)s?\b)")
NEGATIVE = re.compile(r"(?:don't|do not|never|avoid|stop|refrain|no more|forget about)\b")
EMPHATIC = re.compile(r"(?:\w{1,20},? )?(?:always|never)\b")
FIRST_PERSON = re.compile(r"\b(?:i|i'm|i'll|i've|my|me|we're|we'll|we've)\b")

THEMES = re.compile(
    r"(?:how|why|what|when|where|who|which|things (?:you|to|not)|the (?:importance|value|top|best|art|power|\d)|\d+ "
    r"|conclusion|introduction|summary|final|further|related|the bottom line|in (?:closing|conclusion|summary)|about"
    r"|part \d|next steps?|comments?|share(?: this| on| via|:|$)|references?|sources?|background|overview|faq"
    r"|technorati|tags?"
    r"|categor|posted|filed|leave a|contact(?: us|$)|wrap|tl;?dr|learn more"
    r"|read(?: more| on| next| also| our| the| this|:|$)|more)(?!\w)"
)
