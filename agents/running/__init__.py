"""From settings to a finished run: source, schedule, executors, merge, ablation."""
