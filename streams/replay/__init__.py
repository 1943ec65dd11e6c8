"""The past once more: the recorded order, prepared with today's knowledge, folded by a state of its own, compared."""
