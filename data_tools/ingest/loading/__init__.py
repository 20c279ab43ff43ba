"""The life of a load: one job at a time per dataset, its progress, its end, its interruption."""
