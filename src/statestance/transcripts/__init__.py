"""A debate as people publish it: files to documents, documents to turns, turns to interventions."""

from statestance.transcripts.batch import Source, blocks_of, debates, ignored, is_batch, read, sources, stream
from statestance.transcripts.debate import Debate, LeftOut
from statestance.transcripts.layouts import LAYOUTS
from statestance.transcripts.readers.tables import Meter, Rejected

__all__ = [
    "LAYOUTS", "Debate", "LeftOut", "Meter", "Rejected", "Source",
    "blocks_of", "debates", "ignored", "is_batch", "read", "sources", "stream",
]  # fmt: skip
