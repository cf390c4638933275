"""Registers models as people do: a model that `log_model` wrote, a folder and a file of a run. Its own folder is the current one."""
import math

import mlflow
import mlflow.pyfunc
from mlflow import MlflowClient


class Echo(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


client = MlflowClient()
mlflow.set_experiment("churn")
with mlflow.start_run():
    mlflow.log_params({"lr": 0.01, "layers": "[1, 2]", "api_key": "hf_" + "a" * 30})
    mlflow.log_metric("auc", 0.81, step=4)
    mlflow.log_metric("auc", 0.83, step=5)
    mlflow.log_metric("loss", math.nan, step=5)
    mlflow.pyfunc.log_model(
        name="model", python_model=Echo(), registered_model_name="churn model", pip_requirements=[]
    )
with mlflow.start_run() as run:
    with open("weights.bin", "wb") as file:
        file.write(bytes(range(256)) * 400)
    mlflow.log_artifact("weights.bin", "files")
    mlflow.log_artifact("weights.bin", "files/more")
    uri = f"{run.info.artifact_uri}/files"
    client.create_model_version("churn model", uri, run.info.run_id, description="a folder: of two")
    third = client.create_model_version("churn model", f"{uri}/weights.bin", run.info.run_id)
    client.set_registered_model_alias("churn model", "champion", third.version)
