import pytest

from guidepost import show


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("\x1b]0;owned\x07\x1b[31mSorry\x9b2J", " ]0;owned  [31mSorry 2J"),
        ("Be\u202e honest\u2066", "Be honest"),
        ("hes\xadi\xadtate", "hesitate"),
        ("two\nlines", "two\nlines"),
        ("\U0001f469\u200d\U0001f4bb می\u200cشود", "\U0001f469\u200d\U0001f4bb می\u200cشود"),
    ],
)
def test_a_terminal_is_given_nothing_to_obey(said: str, printed: str) -> None:
    assert show.plain(said) == printed
