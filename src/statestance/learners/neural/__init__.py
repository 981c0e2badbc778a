"""What the encoder-based learners share: the encoder, the Trainer, the ONNX graph."""
