"""Labelled interventions: reading and checking them, duplicates, splits."""

from statestance.corpus.labelled import Labelled, write_jsonl
from statestance.corpus.reading import LabelledFile, load, read

__all__ = ["Labelled", "LabelledFile", "load", "read", "write_jsonl"]
