"""Blog posts for benchmarks, made up from a seed: mostly story, some guidance, and hardly a sentence twice."""

import random
import textwrap
from html import escape


def words(text: str) -> list[str]:
    return [phrase.strip() for phrase in textwrap.dedent(text).replace("\n", " ").split(",")]


SLOTS = {
    "who": words("""a customer, an old client, the caller, a guest, my neighbour, one of our regulars,
        a young couple, the buyer of a bicycle, a teacher, a man with two suitcases, the tenant upstairs,
        a subscriber, a patient,
        a woman in a grey coat, our landlord, the baker, a visitor, some tourists, a retired sailor,
        the first bidder"""),
    "team": words("""your team, every agent, a new clerk, the night shift, the people at the counter, your manager,
        whoever answers the phone, the support desk, a trainee, the warehouse, each colleague, the supervisor,
        the field engineer, the account manager, the person on duty, the whole department, the back office"""),
    "whom": words("""the customer, an upset caller, people who wait, a first-time buyer, the person who complains,
        your guests, a loyal client, whoever writes in, someone who is in a hurry, the one who pays, each visitor,
        a confused user, the quiet ones, your regulars, anybody who cancels, people with a small order"""),
    "did": words("""walked into, called, wrote to, came back to, waited outside, praised, left, drove past,
        telephoned, sent a postcard to, asked about, photographed, complained about, stumbled upon, remembered,
        looked for,        avoided"""),
    "place": words("""the shop on the corner, a small hotel by the lake, our second branch, the repair desk,
        the airport counter, a bank in the old town, the ferry office, the call centre, a garden centre, the bookshop,
        the depot, a clinic near the station, the insurance office, the new showroom, a bakery, the library,
        the box office, a print shop, the parcel station, the town hall, a furniture store, the car park"""),
    "thing": words("""a broken kettle, the wrong invoice, two missing chairs, a lost parcel, a cracked screen,
        the late delivery, a double booking, an unpaid bill, the spare key, a torn ticket, a faulty charger,
        the old contract, a blue umbrella, three cold meals, the seating plan, a rusty hinge, the guarantee card,
        an empty tank, the wrong size, a forgotten password, a noisy fan, the missing manual, a dented door"""),
    "when": words("""last spring, on a Monday, in the middle of the night, after the holidays, before noon,
        two weeks ago, during the storm, on the busiest day, at closing time, in my first year, that same evening,
        when the lift was out, over breakfast, in the autumn, on her birthday, at the end of the month, in 2019,
        while the phones were down, between two trains, shortly after eight"""),
    "how": words("""without a word, with a smile, for the third time, rather slowly, by mistake, in plain English,
        over a cup of tea, at great length, with some hesitation, to our surprise, on foot, in a loud voice,
        as if nothing had happened, with both hands full, in less than an hour, against all the rules, quite calmly"""),
    "was": words("""quiet, crowded, half empty, freshly painted, cold, brighter than we remembered, about to close,
        in a cheerful mood, under repair, full of boxes, busier than ever, smaller than it looks, oddly silent"""),
    "do": words("""listen to, call back, thank, apologize to, follow up with, give some time to, explain the delay to,
        offer a choice to, write a note to, keep in touch with, show respect for, tell the truth to, make room for,
        say sorry to, smile at, ask a question of, learn from, stay calm with, take the side of, make a plan with"""),
    "aim": words("""keep promises, fix the cause, admit mistakes, share what you learn, answer within a day,
        measure what matters, hire for attitude, train before you blame, set clear expectations, act on feedback,
        let people decide on small refunds, use plain words, own the problem, make it easy to reach a person,
        say what happens next, write down the solution, treat complaints as gifts, look at the whole journey"""),
    "why": words("""because silence feels like neglect, so that nobody has to ask twice, even when it costs a little,
        before they hang up, without hiding behind a policy, since trust is slow to come back, as soon as you can,
        in their own words, and mean it, whatever the manual says, for memory fades faster than anger,
        instead of passing them on, and do it the same day, however small the sum, while the matter is fresh"""),
}  # fmt: skip
STORY = (
    "{When}, {who} {did} {place} because of {thing}.",
    "{Who} {did} {place} {when} and talked about {thing} {how}.",
    "{Place} was {was} {when}, and {who} had brought {thing}.",
    "I had never seen {who} carry {thing} to {place} {how}.",
    "It took {n} minutes to find {thing}, and {place} was {was} by then.",
    "Of the {n} people we met {when}, {who} was the only one who {did} {place} {how}.",
    "“Nobody told me about {thing},” said {who} {how}.",
    "Was it {thing} that made {who} think of {place} {when}?",
    "About {n} percent of all calls {when} had to do with {thing}, and most came from {place}.",
    "{Who} laughed {how}, and {thing} stayed at {place} where it was.",
    "The story of {thing} began {when}, when {place} was still {was}.",
    "In the end {who} {did} {place}, {how}, and that was it.",
    "We drove to {place} {when}; {who} had been there with {thing} before us.",
    "My notes from {place} mention {thing}, {who} and a bill of {n} euros.",
)
GUIDANCE = (
    "Always {do} {whom} at {place}, {why}.",
    "{Aim} when {who} mentions {thing}, {why}.",
    "When it comes to {thing}, {do} {whom} {why}.",
    "Never forget to {do} {whom} {when}, {why}.",
    "After {thing}, {team} should {aim} {why}.",
    "Make sure that {team} can {aim} before anyone asks about {thing}.",
    "If {who} calls about {thing}, {do} {whom} and {aim}.",
    "Do not wait until {who} asks about {thing}: {aim} {why}.",
)
TITLES = (
    "What {thing} taught {who}",
    "{Who} and {thing}",
    "Notes from {place}",
    "{Aim} {why}",
    "How to {do} {whom}",
)


def sentence(luck: random.Random, patterns: tuple[str, ...]) -> str:
    """Return a pattern with its slots filled; a slot that begins with a capital begins the sentence."""
    filled = {slot: luck.choice(phrases) for slot, phrases in SLOTS.items()}
    capitals = {slot.capitalize(): phrase[0].upper() + phrase[1:] for slot, phrase in filled.items()}
    return luck.choice(patterns).format(**filled, **capitals, n=luck.randint(2, 98))


def prose(luck: random.Random, sentences: int) -> str:
    """Return a paragraph, of which one sentence in twelve is guidance."""
    said = (sentence(luck, GUIDANCE if luck.random() < 1 / 12 else STORY) for _ in range(sentences))
    return " ".join(_marked(luck, one) for one in said)


def body(luck: random.Random) -> str:
    """Return a post's markup: from half a kilobyte to eight, five and a half on average."""
    size = min(max(luck.lognormvariate(8.72, 0.55), 500), 8_000)
    parts: list[str] = []
    while sum(map(len, parts)) < size - 350:
        parts.append(_block(luck))
    return "\n".join(parts)


def _block(luck: random.Random) -> str:
    kind = luck.random()
    if kind < 0.10:
        return f"<h2>{escape(sentence(luck, TITLES))}</h2>"
    if kind < 0.17:
        points = "".join(f"<li>{prose(luck, 1)}</li>\n" for _ in range(luck.randint(2, 4)))
        return f'<ul class="wp-block-list">{points}</ul>'
    if kind < 0.22:
        return f"<blockquote><p>{prose(luck, 2)}</p></blockquote>"
    if kind < 0.27:
        picture = f"https://pictures.example/{luck.randrange(10**6)}.jpg"
        return f'<figure><img src="{picture}" alt="" width="640" height="427" loading="lazy"/></figure>'
    return f"<p>{prose(luck, luck.randint(2, 6))}</p>"


def _marked(luck: random.Random, text: str) -> str:
    marked = escape(text, quote=False).replace("’", "&#8217;")
    kind = luck.random()
    if kind > 0.12:
        return marked
    first, _, rest = marked.partition(" ")
    if kind < 0.05:
        return f'<a href="https://blog.example/archive/{luck.randrange(10**6)}?utm_source=feed">{first}</a> {rest}'
    return f"<strong>{first}</strong> {rest}" if kind < 0.09 else f"<em>{first}</em> {rest}"
