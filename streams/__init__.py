"""Newswire Streams turns raw wire copy on Kafka into one enriched topic for each category. Start at topology.py."""
