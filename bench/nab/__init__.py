"""The Numenta Anomaly Benchmark: its series, its scoring, and detectors to set beside ours (Lavin and Ahmad, 2015)."""
