import pytest

from kb import slips


@pytest.mark.parametrize(
    ("likelier", "less_likely", "word"),
    [
        ("recieve", "receize", "receive"),  # swapped, not merely wrong
        ("adress", "addrss", "address"),  # one letter for two
        ("custommer", "custovmer", "customer"),  # two letters for one
        ("definately", "definrtely", "definitely"),  # a vowel for a vowel
        ("servise", "servipe", "service"),  # sounds alike
        ("reguns", "reguls", "refunds"),  # nearer on the keyboard
        ("managment", "manaement", "management"),  # a letter hardly heard
        ("refujnd", "refuknd", "refund"),  # a key brushed by
        ("telefone", "telelone", "telephone"),  # the same sound
        ("emial", "meail", "email"),  # the first letter is right
    ],
)
def test_the_slips_that_people_make_cost_less(likelier: str, less_likely: str, word: str) -> None:
    assert slips.price(likelier, word) < slips.price(less_likely, word)


@pytest.mark.parametrize("word", ["", "a", "customer"])
def test_a_word_typed_right_costs_nothing(word: str) -> None:
    assert slips.price(word, word) == 0


def test_every_slip_is_paid_for() -> None:
    assert slips.price("csutomr", "customer") > slips.price("csutomer", "customer") > 0


def test_a_word_of_which_nothing_is_typed_costs_its_letters() -> None:
    assert slips.price("", "call") >= 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fone", "phone"),
        ("nite", "night"),
        ("rong", "wrong"),
        ("kwality", "qwality"),
        ("sattisfy", "satisfi"),
    ],
)
def test_spellings_of_one_sound_sound_the_same(one: str, other: str) -> None:
    assert slips.sound(one) == slips.sound(other)


@pytest.mark.parametrize(("one", "other"), [("call", "cell"), ("receipt", "recipe"), ("polite", "police")])
def test_words_that_sound_different_are_told_apart(one: str, other: str) -> None:
    assert slips.sound(one) != slips.sound(other)


def test_letters_that_no_keyboard_row_has_are_just_other_letters() -> None:
    assert slips.price("кафе", "кофе") == slips.price("cøll", "call") == pytest.approx(1.2)
