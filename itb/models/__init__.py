"""What can be evaluated: one small file a kind, one line in the table `EVALUATED_MODELS`, imported when asked for."""
