"""The ticker gateway: the newest rows of each category in memory, and every change of them to whoever listens."""
