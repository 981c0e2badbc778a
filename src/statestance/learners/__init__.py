"""What learns: the only home of torch, transformers and scikit-learn."""
