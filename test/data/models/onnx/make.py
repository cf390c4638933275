"""Writes the ONNX files of this folder and facts.json: what the onnx library itself says of them.

    pip install numpy==2.4.6 onnx==1.23.2 onnxscript==0.7.2 ml_dtypes==0.6.0
    python make.py
"""

import hashlib
import json
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxscript import FLOAT, opset18, script

HERE = Path(__file__).parent
random = np.random.default_rng(4)

TORCH = {
    "FLOAT": "float32", "DOUBLE": "float64", "FLOAT16": "float16", "BFLOAT16": "bfloat16", "BOOL": "bool", "INT8": "int8",
    "INT16": "int16", "INT32": "int32", "INT64": "int64", "UINT8": "uint8", "UINT16": "uint16", "UINT32": "uint32",
    "UINT64": "uint64", "COMPLEX64": "complex64", "COMPLEX128": "complex128", "STRING": "string",
    "FLOAT8E4M3FN": "float8_e4m3fn", "FLOAT8E4M3FNUZ": "float8_e4m3fnuz", "FLOAT8E5M2": "float8_e5m2",
    "FLOAT8E5M2FNUZ": "float8_e5m2fnuz", "FLOAT8E8M0": "float8_e8m0fnu", "UINT4": "uint4", "INT4": "int4",
    "FLOAT4E2M1": "float4_e2m1fn", "UINT2": "uint2", "INT2": "int2", "FLOAT6E2M3": "float6_e2m3fn", "FLOAT6E3M2": "float6_e3m2fn",
}


def dtype_of(elem_type):
    return TORCH[TensorProto.DataType.Name(elem_type)]


def payload(tensor, folder):
    """What raw_data would hold; of strings each behind its length as a u32, which is art's own way."""
    if tensor.data_type == TensorProto.STRING:
        return b"".join(len(s).to_bytes(4, "little") + s for s in tensor.string_data)
    array = numpy_helper.to_array(tensor, str(folder))
    return numpy_helper.from_array(array).raw_data


def graphs_of(model):
    """The outermost, and those in attributes and training; nodes of functions are told apart."""
    todo, nodes = [model.graph, *(g for t in model.training_info for g in (t.initialization, t.algorithm))], []
    graphs = []
    while todo:
        graph = todo.pop(0)
        graphs.append(graph)
        nodes.extend(graph.node)
        todo.extend(g for n in graph.node for a in n.attribute for g in ([a.g] if a.HasField("g") else []) + list(a.graphs))
    for function in model.functions:
        nodes.extend(function.node)
    return graphs, nodes


def port(value):
    tensor = value.type.tensor_type
    if not value.type.HasField("tensor_type"):
        return {"name": value.name}
    shape = [d.dim_value if d.HasField("dim_value") else d.dim_param or "?" for d in tensor.shape.dim]
    return {"name": value.name, "dtype": dtype_of(tensor.elem_type)} | ({"shape": shape} if tensor.HasField("shape") else {})


def facts(path):
    model = onnx.load(path, load_external_data=False)
    graphs, nodes = graphs_of(model)
    tensors = []
    for graph in graphs:
        found = [(t.name, t) for t in graph.initializer]
        for sparse in graph.sparse_initializer:
            found += [(f"{sparse.values.name}.values", sparse.values), (f"{sparse.values.name}.indices", sparse.indices)]
        for name, t in found:
            data = payload(t, path.parent)
            tensors.append({"name": name, "dtype": dtype_of(t.data_type), "shape": list(t.dims), "bytes": len(data),
                            "sha256": hashlib.sha256(data).hexdigest()})
    names = {t["name"] for t in tensors}
    operators = {}
    for node in nodes:
        name = node.op_type if node.domain in ("", "ai.onnx") else f"{node.domain}::{node.op_type}"
        operators[name] = operators.get(name, 0) + 1
    metadata = {p.key: p.value for p in model.metadata_props}
    metadata |= {"onnx.ir_version": model.ir_version}
    metadata |= {f"onnx.opset.{o.domain or 'ai.onnx'}": o.version for o in model.opset_import}
    return {
        "tensors": sorted(tensors, key=lambda t: t["name"]),
        "metadata": metadata,
        "producer": {"name": model.producer_name, "version": model.producer_version},
        "inputs": [port(i) for i in model.graph.input if i.name not in names],
        "outputs": [port(o) for o in model.graph.output],
        "operators": dict(sorted(operators.items())),
        "nodes": len(nodes),
    }


def model_of(graph, **more):
    model = helper.make_model(graph, producer_name="make.py", producer_version="1.2.3",
                              opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.example", 1)], **more)
    return model


# Every data type, with elements in raw_data and in the typed fields.
initializers = []
skipped = {TensorProto.UNDEFINED, TensorProto.STRING}
for name, number in TensorProto.DataType.items():
    if number in skipped:
        continue
    dtype = helper.tensor_dtype_to_np_dtype(number)
    if dtype == bool:
        values = np.array([[True, False, True], [False, True, True]])
    elif np.issubdtype(dtype, np.complexfloating):
        values = (random.standard_normal((2, 3)) + 1j * random.standard_normal((2, 3))).astype(dtype)
    elif np.issubdtype(dtype, np.integer) and dtype.itemsize > 1:
        info = np.iinfo(dtype)
        values = np.array([[info.min, info.max, 0], [1, 127, 128]], dtype=dtype)
    elif "int" in dtype.name:
        info = ml_dtypes.iinfo(dtype)
        values = np.array([[info.min, info.max, 0], [1, 1, 0]], dtype=dtype)
    else:
        values = (np.abs(random.standard_normal((2, 3))) + 0.2).astype(dtype)
    raw = numpy_helper.from_array(values, f"raw.{name}")
    assert raw.data_type == number, name
    initializers.append(raw)
    if number in (TensorProto.FLOAT6E2M3, TensorProto.FLOAT6E3M2):
        typed = TensorProto(name=f"typed.{name}", data_type=number, dims=[2, 3])
        typed.int32_data.extend(int(v) for v in values.view("uint8").ravel())
    else:
        typed = helper.make_tensor(f"typed.{name}", number, values.shape, values.ravel().tolist() if values.dtype.kind in "biufc" else values.ravel())
    assert not typed.HasField("raw_data"), name
    initializers.append(typed)
initializers.append(helper.make_tensor("strings", TensorProto.STRING, (3,), ["a", "", "漢字"]))
initializers.append(helper.make_tensor("scalar", TensorProto.FLOAT, (), [2.5]))
initializers.append(helper.make_tensor("empty", TensorProto.FLOAT, (0, 3), []))
initializers.append(helper.make_tensor("empty.int", TensorProto.INT64, (0,), []))
initializers.append(helper.make_tensor("large.int64", TensorProto.INT64, (10_000,), random.integers(-2**63, 2**63 - 1, 10_000)))
graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "types",
                          [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, None])],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3, None])], initializers)
model = model_of(graph)
helper.set_model_props(model, {"epoch": "12", "__proto__": "x", "": "empty key"})
onnx.save(model, HERE / "types.onnx")

# Graphs in graphs, functions, sparse and old-style inputs.
weight = numpy_helper.from_array(random.standard_normal((3, 3)).astype("float32"), "weight")
inner = numpy_helper.from_array(random.standard_normal((2,)).astype("float32"), "inner.weight")
then = helper.make_graph([helper.make_node("Add", ["x", "inner.weight"], ["t"])], "then", [],
                         [helper.make_tensor_value_info("t", TensorProto.FLOAT, None)], [inner])
nested = helper.make_graph([helper.make_node("Neg", ["x"], ["n"]), helper.make_node("Relu", ["n"], ["r"])], "nested", [],
                           [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)])
other = helper.make_graph([helper.make_node("If", ["c"], ["e"], then_branch=nested, else_branch=nested)], "else", [],
                          [helper.make_tensor_value_info("e", TensorProto.FLOAT, None)])
sparse = helper.make_sparse_tensor(
    numpy_helper.from_array(np.array([1.5, -2.5], "float32"), "sparse.weight"),
    numpy_helper.from_array(np.array([1, 5], "int64"), ""), [9])
graph = helper.make_graph(
    [helper.make_node("If", ["c"], ["y"], then_branch=then, else_branch=other),
     helper.make_node("MatMul", ["x", "weight"], ["z"]),
     helper.make_node("Gelu2", ["z"], ["w"], domain="com.example"),
     helper.make_node("Constant", [], ["k"], value=helper.make_tensor("k", TensorProto.FLOAT, (2,), [1, 2]))],
    "nested",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT16, (1, "n")), helper.make_tensor_value_info("c", TensorProto.BOOL, ()),
     helper.make_tensor_value_info("weight", TensorProto.FLOAT, (3, 3)),
     helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [weight], sparse_initializer=[sparse])
function = helper.make_function("com.example", "Gelu2", ["a"], ["b"],
                                [helper.make_node("Mul", ["a", "a"], ["m"]), helper.make_node("Erf", ["m"], ["b"])],
                                [helper.make_opsetid("", 21)])
model = model_of(graph, functions=[function])
model.training_info.add().algorithm.CopyFrom(helper.make_graph([helper.make_node("Sub", ["weight", "g"], ["u"])], "train", [], []))
model.metadata_props.add(key="onnx.ir_version", value="a lie")
onnx.save(model, HERE / "graphs.onnx")

# Data in other files.
weights = [numpy_helper.from_array(random.standard_normal((16, 8)).astype("float32"), f"w{i}") for i in range(3)]
graph = helper.make_graph([helper.make_node("MatMul", ["x", "w0"], ["y"])], "external",
                          [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 16))],
                          [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 8))], weights)
onnx.save(model_of(graph), HERE / "external.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
          location="external.onnx.data", size_threshold=0)


@script()
def mlp(x: FLOAT["batch", 4]) -> FLOAT["batch", 2]:
    hidden = opset18.Relu(opset18.MatMul(x, opset18.Constant(value=helper.make_tensor("w", TensorProto.FLOAT, (4, 2), [1.0] * 8))))
    return opset18.Softmax(hidden, axis=-1)


onnx.save(mlp.to_model_proto(), HERE / "onnxscript.onnx")

all_facts = {path.name: facts(path) for path in sorted(HERE.glob("*.onnx"))}
(HERE / "facts.json").write_text(json.dumps(all_facts, indent=1, ensure_ascii=False) + "\n")
