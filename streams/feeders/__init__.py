"""From the world to news.raw."""
