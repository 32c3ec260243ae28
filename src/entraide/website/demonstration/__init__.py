"""The demonstration: a cast, two causes, and a cyclone that never was, played through the real doors."""
