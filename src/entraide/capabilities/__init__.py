"""Rooms that each let people give one kind of thing well. They never import one another."""
