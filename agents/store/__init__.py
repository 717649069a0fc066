"""The run's store and folder: what is final."""
