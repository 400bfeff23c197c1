"""The model engine: a typed protocol, the front ends' client, and the worker process that holds the weights.

Everything directly in this package is the client side and imports neither torch nor transformers;
whatever needs them lives in `aigc_tui.engine.worker_service` and runs in the child process.
"""
