"""The service: a page on which a debate is counted and corrected, and the JSON API behind it."""
