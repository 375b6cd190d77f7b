"""How far to trust a find: the share of finds of like score that careful readers call guidance."""

from bisect import bisect_right

# Score and share, between which `of` interpolates; `bench/confidence.py` fits and prints them.
STEPS = ((-0.11, 0.4), (0.22, 0.6), (0.35, 0.69), (0.47, 0.8), (0.74, 0.86), (1.51, 0.96))
# Wrong as often as right: below it quotes are not returned. 0.4 and 0.6 gave lower F1 on labelled cases.
LEAST = 0.5

_SCORES = [score for score, _ in STEPS]


def of(score: float) -> float:
    """Return the confidence in what scores *score*; it never falls as the score rises."""
    at = bisect_right(_SCORES, score)
    if at in {0, len(STEPS)}:
        return STEPS[min(at, len(STEPS) - 1)][1]
    (low, worse), (high, better) = STEPS[at - 1 : at + 1]
    return round(worse + (better - worse) * (score - low) / (high - low), 3)
