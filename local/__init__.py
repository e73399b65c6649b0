"""Azure on your desk: used by the demo, the tests and the benchmarks; never deployed."""
