"""What a text says of itself: sentences, States and groups, masking, token numbers."""
