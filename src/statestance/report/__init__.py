"""A debate at a glance: predictions and their tally as one HTML file, as Markdown or as a workbook.

``build`` gathers what a report shows; ``html``, ``markdown`` and ``workbook`` lay it out, ``files`` writes it;
``comparison`` holds several debates on one State against each other. The HTML needs no network and no server.
"""

from statestance.report.content import Debate, Entry, Facts, Report, Sentence, build

__all__ = ["Debate", "Entry", "Facts", "Report", "Sentence", "build"]
