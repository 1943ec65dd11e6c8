"""Companies: which companies an item is about or mentions, with their listings."""
