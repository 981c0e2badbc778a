"""One thin module a DVC stage: paths from the command line, settings from the stage's own section."""
