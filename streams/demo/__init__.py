"""The demo: the whole system on this machine, on generated traffic."""
