#!/usr/bin/python3 -B
"""Makes the files beside it with torch.save, for tests of what reads them without Python. Made with Debian 12's
python3-torch 1.13. Each holds the same two weights, 1 to 6 as [2, 3] and their halves as [3, 2] (a transposed view),
as float32 unless the name says otherwise."""

import pathlib

import torch

HERE = pathlib.Path(__file__).resolve().parent


def weights(dtype=torch.float32):
    values = torch.arange(1.0, 7.0).view(2, 3)
    return {"first.weight": values.to(dtype), "second.weight": (values / 2).t().to(dtype)}


def save(name, value):
    torch.save(value, HERE / name)


save("float32.pt", weights())
save("float16.pt", weights(torch.float16))
save("bfloat16.pt", weights(torch.bfloat16))
save("float64.pt", weights(torch.float64))
# As Lightning saves, beside what is no model.
save("lightning.pt", {"state_dict": {f"model.{name}": value for name, value in weights().items()}
                      | {"model.batches": torch.tensor(3)},
                      "epoch": 70000, "global_step": 2**40, "lr": 0.1, "hooks": None, "flags": [True, -3, ("a", "b")],
                      "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(2)}}}]})
torch.manual_seed(1)
convolution = torch.nn.utils.weight_norm(torch.nn.Conv1d(2, 3, 2, bias=False))
save("weight-norm.pt", convolution.state_dict())
save("weight-norm-folded.pt", {"weight": convolution.weight.detach()})
save("parameter.pt", {"first.weight": torch.nn.Parameter(weights()["first.weight"])})
save("module.pt", torch.nn.Linear(2, 1))
torch.save(weights(), HERE / "legacy.pt", _use_new_zipfile_serialization=False)
