"""What touches Faust, Kafka, processes and HTTP."""
