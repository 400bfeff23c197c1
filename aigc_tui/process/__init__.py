"""Child processes: one environment, one runner for threads and one for event loops, and the parsers' sandbox.

Parent and child talk in lines of JSON over pipes. The parent's end is `runner` (CLI, threads) or
`async_runner` (the interface), the child's is `child`; `messages` is what they say to each other. `sandbox`
runs parsers of strangers' files under limits. Nothing here imports torch.
"""
