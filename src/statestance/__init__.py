"""Stances of States in human-rights debates: supportive, mixed or critical, counted reproducibly."""

__version__ = "0.1.0"
