"""Companies: who an item is about and whom it mentions, with their listings."""
