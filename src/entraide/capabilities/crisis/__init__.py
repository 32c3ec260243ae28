"""Testimonies and needs in a crisis: told, triaged, placed, checked, published, answered, told back."""
