"""The embedded broker: a real single-node Apache Kafka for development and tests."""
