"""Talks to Kafka without Faust: clients, consumers, producers, administration, access rights."""
