"""`python -m guidepost` is the command `guidepost`."""

from guidepost.cli import main

main()
