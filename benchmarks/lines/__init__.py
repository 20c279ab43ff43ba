"""What is measured: a module for each kind of work, whose `run` yields what it found."""
