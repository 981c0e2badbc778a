"""Bundle + interventions → predictions."""

from statestance.predict.predictor import Predictor, load

__all__ = ["Predictor", "load"]
