"""What a hostile caller tries, and that it fails. Each test names the hole it closes."""
