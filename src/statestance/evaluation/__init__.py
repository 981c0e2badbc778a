"""How well predictions hold against labels: figures, intervals, comparisons, plots, the leaderboard."""

from statestance.evaluation.measure import Outcomes, measure, of_predictions, on_file

__all__ = ["Outcomes", "measure", "of_predictions", "on_file"]
