"""`python -m streams` is the command `newswire`."""

from streams.cli.main import main

main()
