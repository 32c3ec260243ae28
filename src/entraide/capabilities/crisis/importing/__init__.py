"""Reports from other maps."""
