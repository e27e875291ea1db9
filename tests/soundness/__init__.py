"""Does verify ever say that a wrong formula is right?  ``python -m tests.soundness`` asks."""
