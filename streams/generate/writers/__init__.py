"""One writer a wire format: an issue of a story to bytes and headers, in the structure of the real wire."""
