//! Identity documents: numbers, machine-readable zones, names, validity. Filled in by the next commit.
