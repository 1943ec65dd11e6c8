"""`python -m streams` is the command `newswire`."""

from streams.cli import main

main()
