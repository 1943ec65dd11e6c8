"""The records, topics, sources and errors that all rooms share. Pure; imports no other room."""
