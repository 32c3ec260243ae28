"""What this room does when a message arrives or the desk has an answer."""
