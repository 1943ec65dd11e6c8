"""The archive keeps what Kafka forgets: raw records, commands and decisions in daily files, on disk or in S3."""
