"""A debate as people publish it: files to documents, documents to turns, turns to interventions."""

from statestance.transcripts.batch import ignored, read, stream
from statestance.transcripts.debate import Debate, LeftOut
from statestance.transcripts.layouts import LAYOUTS

__all__ = ["LAYOUTS", "Debate", "LeftOut", "ignored", "read", "stream"]
