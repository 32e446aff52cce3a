"""What is tried: families, methods and objectives on the same archives."""

import dataclasses

# Traditions of the corpus by archive. Each lies whole in one archive, so that all archives together hold out the same
# recordings as one archive that has everything.
ARCHIVES = {
    "archive-cn-1": ["china-dizi-north"],
    "archive-cn-2": ["china-dizi-south", "china-folk"],
    "archive-uk-1": ["uk-celtic-harp", "uk-handbells"],
    "archive-uk-2": ["uk-folk"],
}
TRADITIONS = sorted(tradition for traditions in ARCHIVES.values() for tradition in traditions)
POOLED = {"archive-all": TRADITIONS}


@dataclasses.dataclass(frozen=True)
class Trial:
    """One job. `base`: "rave-tiny" is the project's base model, anything else an untrained model."""

    name: str
    architecture: str = "rave-tiny"
    method: str = "full"
    model: str = ""  # further lines of [model]
    objective: str = "weighted"
    local: str = ""  # further lines of [local]
    aggregation: str = ""  # further lines of [aggregation]
    weighting: str = "tradition"
    learning_rate: float = 4e-4
    rounds: int = 8
    steps: int = 40
    batch_size: int = 4
    window_samples: int = 65536
    clip_norm: float = 20.0
    seed: int = 11
    archives: dict = dataclasses.field(default_factory=lambda: ARCHIVES, hash=False)

    @property
    def pooled(self):
        return self.archives == POOLED

    def job_file(self):
        traditions = ", ".join(f'"{tradition}"' for tradition in TRADITIONS)
        return f"""
[job]
name = "trial {self.name}"
purpose = "train.generative"
traditions = [{traditions}]
seed = {self.seed}
rounds = {self.rounds}
[model]
architecture = "{self.architecture}"
method = "{self.method}"
{self.model}
[local]
steps = {self.steps}
batch_size = {self.batch_size}
window_samples = {self.window_samples}
learning_rate = {self.learning_rate}
{self.local}
[aggregation]
strategy = "fedavg"
weighting = "{self.weighting}"
objective = "{self.objective}"
{self.aggregation}
clip_norm = {self.clip_norm}
max_weight = 3600
cohort_bound = 16
[round]
quorum = {len(self.archives)}
recruiting_seconds = 60
grace_seconds = 600
deadline_seconds = 3600
stall_seconds = 600
[evaluation]
every_rounds = 0
interval_level = 0.95
"""


SMALL_STEPS = "server_learning_rate = 0.3"
ADAPTER = "adapter_rank = 8\nadapter_alpha = 16.0"

TRIALS = [
    Trial("tiny-full"),
    Trial("tiny-full-slow", learning_rate=1e-4),
    Trial("tiny-full-slow-minimax", learning_rate=1e-4, objective="minimax"),
    # No tradition may end worse than under the base model, in small steps; the second with other random choices.
    Trial("tiny-full-no-harm", learning_rate=1e-4, objective="no-harm", aggregation=SMALL_STEPS),
    Trial("tiny-full-no-harm-12", learning_rate=1e-4, objective="no-harm", aggregation=SMALL_STEPS, seed=12),
    # The same steps without the constraint, and the constraint without them.
    Trial("tiny-full-small-steps", learning_rate=1e-4, aggregation=SMALL_STEPS),
    Trial("tiny-full-no-harm-large-steps", learning_rate=1e-4, objective="no-harm"),
    # One archive alone: what its own recordings can do for it.
    Trial("tiny-full-slow-uk-folk", learning_rate=1e-4, archives={"archive-uk-2": ["uk-folk"]}),
    Trial("tiny-adapter", method="adapter-alternating", model=ADAPTER, learning_rate=2e-3),
    Trial("tiny-adapter-frozen-a", method="adapter-frozen-a", model=ADAPTER, learning_rate=2e-3),
    # As many steps as each archive makes, and as many as all of them make together.
    Trial("tiny-adapter-pooled", method="adapter-alternating", model=ADAPTER, learning_rate=2e-3, archives=POOLED),
    Trial(
        "tiny-adapter-pooled-all-steps",
        method="adapter-alternating",
        model=ADAPTER,
        learning_rate=2e-3,
        steps=40 * len(ARCHIVES),
        archives=POOLED,
    ),
    Trial("attribute-vae", architecture="attribute-vae", batch_size=16, window_samples=32768, learning_rate=1e-3),
    Trial("v2-small-full", architecture="rave-v2-small", rounds=4, steps=20, batch_size=1, learning_rate=1e-3),
    Trial(
        "v2-full",
        architecture="rave-v2",
        rounds=2,
        steps=3,
        batch_size=1,
        window_samples=131072,
        learning_rate=1e-3,
    ),
    Trial("mixture", architecture="descriptor-mixture", model="components = 4", rounds=6, steps=1, window_samples=44100),
]
