"""Small text generators, trained on anybody's texts: what textgenrnn offers, on this project's Transformer.

The article recommends textgenrnn (section 7.1) for a first contact with generation. Its whole list of
functions is here; `docs/textgen.md` maps each of them. A model is an ordinary Hugging Face folder, so that
everything else of this project (`model info`, `model evaluate`, continuing its training) takes it too.

Importing this package imports nothing: `jobs` must stay free of torch for the command line.
"""
