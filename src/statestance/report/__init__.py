"""A debate at a glance: predictions and their tally as one HTML file that needs no network and no server.

``build`` gathers what a report shows, ``html`` lays it out.
"""

from statestance.report.content import Debate, Entry, Facts, Report, Sentence, build

__all__ = ["Debate", "Entry", "Facts", "Report", "Sentence", "build"]
