"""Newswire Streams: raw wire copy on Kafka in, one enriched topic a category out. Start at topology.py."""
