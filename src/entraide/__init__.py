"""Entraide: one person's words, time, skill, money or place, given with others', to a cause."""
