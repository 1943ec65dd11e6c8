"""The ticker gateway: keeps the newest rows of each category in memory, and streams every change to its clients."""
