"""How a text is made of single choices: the strategies of decoding, over one small view of a model.

What a language model writes depends as much on the search as on the weights (section 3.2.3 of the course's
article). Read `model` first, then `beam` (beam and diverse beam), `contrastive` and `speculative` (draft
model and prompt lookup); token after token, greedy or sampled, is `inference.decode`. `docs/sampling.md`
compares them.
"""

from aigc_tui.transformer.decoding.model import CachedModel, CausalModel, DecodingModel, Limits, OwnModel
from aigc_tui.transformer.decoding.search import BeamSettings, Hypothesis, beam_search, contrastive_search
from aigc_tui.transformer.decoding.speculative import (
    Chooser,
    DraftModel,
    PromptLookup,
    Speculation,
    speculative,
    verify,
)

__all__ = [
    "BeamSettings",
    "CachedModel",
    "CausalModel",
    "Chooser",
    "DecodingModel",
    "DraftModel",
    "Hypothesis",
    "Limits",
    "OwnModel",
    "PromptLookup",
    "Speculation",
    "beam_search",
    "contrastive_search",
    "speculative",
    "verify",
]
