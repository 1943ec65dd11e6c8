"""The running pipeline: two Faust apps, the batch transport, the transaction and the state on disk."""
