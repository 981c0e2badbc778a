"""Labelled data brought in, grown and looked after: the UPR join, agreement, differences, what to label next."""
