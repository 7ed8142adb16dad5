"""Joins models with onnx.compose and asks onnx's full checker. Reads jobs from standard input, writes findings to standard output."""
import json
import sys

import onnx
import onnx.compose


def parse(chains):
    """`a.out > b.in > c` as edges between instances of models; `#2` is a second instance."""
    edges, instances = [], []
    for chain in chains:
        steps = [step.strip() for step in chain.split(">")]
        for left, right in zip(steps, steps[1:]):
            (source, _, out), (target, _, into) = left.partition("."), right.partition(".")
            edges.append((source, out if out else "y", target, into if into else "x"))
        instances += [step.partition(".")[0] for step in steps]
    return edges, list(dict.fromkeys(instances))


def prefix(instance):
    return instance.replace("#", "_") + "__"


def compose(folder, chains):
    edges, instances = parse(chains)
    merged, placed = None, []
    while len(placed) < len(instances):
        ready = next(i for i in instances if i not in placed and all(s in placed for s, _, t, _ in edges if t == i))
        model = onnx.compose.add_prefix(onnx.load(f"{folder}/{ready.partition('#')[0]}.onnx"), prefix(ready))
        if merged is None:
            merged = model
        else:
            joints = [(prefix(s) + out, prefix(t) + into) for s, out, t, into in edges if t == ready]
            merged = onnx.compose.merge_models(merged, model, io_map=joints)
        placed.append(ready)
    return merged


def attempt(folder, job):
    finding = {"name": job["name"], "twin": job["twin"]}
    try:
        merged = compose(folder, job["chains"])
        onnx.save(merged, job["file"])
        finding["composed"] = True
        onnx.checker.check_model(merged, full_check=True)
        finding["checked"] = True
    except Exception as error:
        finding["error"] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    return finding


request = json.load(sys.stdin)
findings = [attempt(request["folder"], job) for job in request["jobs"]]
json.dump({"onnx": onnx.__version__, "findings": findings}, sys.stdout)
