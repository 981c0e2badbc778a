"""A debate as people publish it: files to documents, documents to turns, turns to interventions."""

from statestance.transcripts.batch import ignored, is_batch, read, stream
from statestance.transcripts.debate import Debate, LeftOut
from statestance.transcripts.layouts import LAYOUTS

__all__ = ["LAYOUTS", "Debate", "LeftOut", "ignored", "is_batch", "read", "stream"]
