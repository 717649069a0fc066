"""What every command shares: settings as options, errors at the edge, progress."""
