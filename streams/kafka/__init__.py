"""Everything that talks to Kafka without Faust: clients, readers, producers, administration, rights."""
