"""Sounds: which there are, how they are made, and when one is heard. Playing them is the application's."""
