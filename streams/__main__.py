"""Runs the command `newswire` as `python -m streams`."""

from streams.cli.main import main

main()
