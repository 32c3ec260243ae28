"""Reads of the crisis room. ``reports`` is for the team and asks for rights; ``public`` reads
publications alone; ``follow`` answers a witness who holds her secret address."""
