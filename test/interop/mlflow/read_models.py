"""Prints, as JSON, what MLflow's own client sees of registered models: python read_models.py NAME..."""
import hashlib
import json
import math
import os
import sys
import tempfile

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts

client = MlflowClient()


def files_of(model, version):
    with tempfile.TemporaryDirectory() as folder:
        root = download_artifacts(artifact_uri=f"models:/{model}/{version}", dst_path=folder)
        found = {}
        for at, _, names in os.walk(root):
            for name in names:
                path = os.path.join(at, name)
                with open(path, "rb") as file:
                    found[os.path.relpath(path, root)] = hashlib.sha256(file.read()).hexdigest()
        return found


def history(run, key):
    found = client.get_metric_history(run, key)
    return [[m.value if math.isfinite(m.value) else str(m.value), m.step] for m in found]


def version_of(model, version):
    run = client.get_run(version.run_id)
    experiment = client.get_experiment(run.info.experiment_id)
    steps = {key: history(run.info.run_id, key) for key in run.data.metrics}
    return {
        "version": version.version,
        "status": version.status,
        "tags": version.tags,
        "description": version.description,
        "run": {
            "name": run.info.run_name,
            "status": run.info.status,
            "experiment": experiment.name,
            "params": run.data.params,
            "metrics": steps,
            "tags": run.data.tags,
        },
        "files": files_of(model, version.version),
    }


result = {}
for name in sys.argv[1:]:
    versions = sorted(client.search_model_versions(f"name='{name}'"), key=lambda v: int(v.version))
    result[name] = {
        "aliases": client.get_registered_model(name).aliases,
        "versions": [version_of(name, v) for v in versions],
        "runs": len(client.search_runs([client.get_run(versions[0].run_id).info.experiment_id])),
    }
json.dump(result, sys.stdout)
