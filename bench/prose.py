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
# What people talk about in shops, offices and on the phone; with adjectives there are some 20,000 things.
NOUNS = words("""
    account, address, adapter, agreement, alarm, amplifier, answer, apartment, appliance, armchair,
    backpack, badge, balcony, bandage, banner, barrel, basket, bathtub, battery, bench, bicycle, binder,
    blanket, blender, boiler, booklet, boots, bottle, bouquet, bracelet, brake, brochure, bucket, buggy,
    cable, cabinet, cage, cake, calculator, calendar, camera, candle, canoe, carpet, cartridge,
    catalogue, ceiling, certificate, chain, charger, cheque, chisel, clock, coat, coffee, collar,
    compass, computer, cottage, coupon, cradle, crate, curtain, cushion, cutlery, dashboard, deposit,
    desk, dessert, detergent, diary, dishwasher, drawer, dress, drill, driver, easel, elevator, engine,
    envelope, estimate, fabric, faucet, fence, filter, fireplace, flashlight, flight, flooring, folder,
    footrest, fork, form, fountain, freezer, fridge, frame, furnace, garage, garment, gasket, gate,
    glasses, glove, grill, guitar, hammer, hammock, handle, harness, headset, heater, helmet, hinge,
    hose, hotplate, instalment, insurance, iron, jacket, jar, kayak, keyboard, kitchen, ladder, lamp,
    lampshade, laptop, lawnmower, lease, ledger, lens, letter, licence, lock, luggage, magazine,
    mailbox, map, mattress, medal, menu, meter, microphone, microscope, mirror, mixer, modem, monitor,
    mortgage, motor, mower, napkin, necklace, newspaper, notebook, oven, paint, pallet, parasol,
    passport, password, pavement, pedal, pension, perfume, permit, piano, picture, pillow, pipe,
    plaster, pocket, postcard, poster, pram, prescription, printer, projector, pump, puzzle, quilt,
    racket, radiator, radio, railing, raincoat, receipt, recipe, refund, remote, rental, reservation,
    ring, roof, rope, router, rucksack, saddle, salad, sandals, saucepan, scanner, scarf, scooter,
    screen, seat, sensor, shelf, shoes, shower, shutter, signature, sink, skirt, sleeve, soap, sofa,
    software, spanner, speaker, stapler, statue, stool, stroller, suit, sweater, switch, tablet, tariff,
    teapot, telescope, tent, thermostat, ticket, tile, toaster, toolbox, torch, towel, toy, tractor,
    trailer, tray, treadmill, tripod, trousers, turntable, tyre, umbrella, uniform, upgrade, vacuum,
    valve, varnish, vase, vest, violin, voucher, waistcoat, wallet, wallpaper, wardrobe, warranty,
    washer, watch, wheel, whistle, windscreen, wrench, zipper""")
KINDS = words("""
    ancient, antique, awkward, battered, bent, black, blue, borrowed, bulky, burnt, cheap, chipped,
    clean, cracked, crooked, damp, defective, delicate, dented, dusty, elegant, empty, expensive, faded,
    faulty, folding, forgotten, fragile, frozen, fuzzy, genuine, glossy, greasy, green, heavy, hidden,
    hollow, huge, incomplete, leaking, leather, loose, lost, mismatched, missing, mouldy, narrow, noisy,
    orange, outdated, oversized, painted, paper, patched, plain, plastic, polished, portable, purple,
    rare, rattling, red, rusty, scratched, second-hand, shiny, shrunken, silent, silver, slippery,
    soaked, spare, spotted, square, squeaking, stained, sticky, stolen, striped, stubborn, tiny, torn,
    twisted, unlabelled, unpaid, unusual, velvet, waterproof, wobbly, wooden, worn, wrinkled, wrong,
    yellow""")
VERBS = words("""
    accept, adjust, advise, arrange, ask about, assemble, book, borrow, cancel, carry, check, clean,
    collect, compare, confirm, count, deliver, demonstrate, describe, discuss, exchange, explain, file,
    find, fix, forward, gift-wrap, inspect, install, insure, invoice, itemise, label, lend, list,
    locate, log, measure, mend, mention, move, note, offer, open, order, pack, photograph, polish,
    postpone, prepare, price, promise, question, reassemble, recommend, record, refund, release, remove,
    rename, rent, repair, replace, reserve, return, review, sell, send, ship, show, sketch, sort, stamp,
    store, test, trace, transfer, translate, unpack, update, value, verify, weigh, wrap""")
STORY = (
    "{When}, {who} {did} {place} because of a {item}.",
    "{Who} {did} {place} {when} and talked about the {item} {how}.",
    "{Place} was {was} {when}, and {who} had brought a {item} and a {other}.",
    "I had never seen {who} carry a {item} to {place} {how}.",
    "It took {n} minutes to find the {item}, and {place} was {was} by then.",
    "Of the {n} people we met {when}, {who} was the only one who {did} {place} {how}.",
    "“Nobody told me about the {item},” said {who} {how}.",
    "Was it the {item} that made {who} think of {place} {when}?",
    "About {n} percent of all calls {when} had to do with a {item}, and most came from {place}.",
    "{Who} laughed {how}, and the {item} stayed at {place} where it was.",
    "The story of the {item} began {when}, when {place} was still {was}.",
    "In the end {who} {did} {place}, {how}, and the {item} was sold for {n} euros.",
    "We drove to {place} {when}; {who} had been there with a {item} before us.",
    "My notes from {place} mention a {item}, {who} and a bill of {n} euros.",
)
GUIDANCE = (
    "Always {do} {whom} before you {act} a {item}.",
    "{Aim} when {who} wants to {act} a {item}, {why}.",
    "When it comes to a {item}, {do} {whom} {why}.",
    "Never {act} a {item} until you {also} the {other}.",
    "Before {team} can {act} a {item}, {also} it with {whom}.",
    "Make sure that {team} can {act} the {item} before anyone asks.",
    "If {who} calls about a {item}, {do} {whom} and {aim}.",
    "Do not {act} the {item}: {also} the {other} instead, {why}.",
    "{Aim}, {why}.",
    "Ask {whom} how to {act} a {item} {why}.",
)
TITLES = (
    "What a {item} taught {who}",
    "{Who} and the {item}",
    "Notes from {place}",
    "{Aim} {why}",
    "How to {do} {whom}",
)


def sentence(luck: random.Random, patterns: tuple[str, ...]) -> str:
    """Return a pattern with its slots filled; a slot that begins with a capital begins the sentence."""
    filled = {slot: luck.choice(phrases) for slot, phrases in SLOTS.items()}
    filled["item"], filled["other"] = _item(luck), _item(luck)
    filled["act"], filled["also"] = luck.choice(VERBS), luck.choice(VERBS)
    capitals = {slot.capitalize(): phrase[0].upper() + phrase[1:] for slot, phrase in filled.items()}
    return luck.choice(patterns).format(**filled, **capitals, n=luck.randint(2, 98))


def _item(luck: random.Random) -> str:
    return f"{luck.choice(KINDS)} {luck.choice(NOUNS)}"


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
