"""Runs whose models nobody registered. Its own folder is the current one, the argument a folder with checkpoints; prints their ids."""
import json
import shutil
import sys

import mlflow
import mlflow.pyfunc


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


mlflow.set_experiment("loose runs")
ids = {}
with mlflow.start_run() as run:
    ids["logged"] = run.info.run_id
    mlflow.log_param("lr", 0.1)
    mlflow.log_metric("acc", 0.7, step=2)
    mlflow.pyfunc.log_model(name="model", python_model=Echo(), pip_requirements=[])
with mlflow.start_run() as run:
    ids["files"] = run.info.run_id
    mlflow.log_artifact(f"{sys.argv[1]}/simple_cnn.pth")
with mlflow.start_run() as run:
    ids["several"] = run.info.run_id
    shutil.copy(f"{sys.argv[1]}/simple_cnn.pth", "one.pth")
    shutil.copy(f"{sys.argv[1]}/simple_cnn_finetuned.pth", "two.pth")
    mlflow.log_artifact("one.pth", "a")
    mlflow.log_artifact("two.pth", "b")
with mlflow.start_run() as run:
    ids["none"] = run.info.run_id
    mlflow.log_metric("acc", 0.1)
print(json.dumps(ids))
