"""serve.py KIND NET FOLDER THREADS [--once] - a peer in a process of its own.

KIND is onnxruntime or torch, NET a function of nets.py; FOLDER has weights.safetensors, net.onnx and feed.npz, the inputs.
Writes the outputs of a first call to FOLDER/KIND.npz and says "ready"; with --once that is all. Then each line of the
standard input is a number of seconds: it calls for so long, and prints the median of the nanoseconds that a call takes. At
"again" it wipes the outputs, calls once, writes them again and says "ready".
"""

import sys
import time

import numpy as np


def onnxruntime_call(net, folder, feed, threads):
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = 3
    batch = feed["x" if net == "lstm" else next(iter(feed))].shape[1 if net == "lstm" else 0]
    options.add_free_dimension_override_by_name("batch", batch)
    session = ort.InferenceSession(f"{folder}/net.onnx", options, providers=["CPUExecutionProvider"])
    # Inputs and outputs keep their places: no call allocates or converts.
    binding = session.io_binding()
    for name, array in feed.items():
        binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(array))
    names = [output.name for output in session.get_outputs()]
    for name in names:
        binding.bind_output(name)
    session.run_with_iobinding(binding)
    results = dict(zip(names, binding.get_outputs()))
    for name, value in results.items():
        binding.bind_ortvalue_output(name, value)

    def wipe():
        for value in results.values():
            value.update_inplace(np.full(value.shape(), np.nan, np.float32))
    return lambda: session.run_with_iobinding(binding), lambda: {name: value.numpy() for name, value in results.items()}, wipe


def torch_call(net, folder, feed, threads):
    import torch

    import nets
    from torch_net import TorchNet
    from weights import Weights
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    torch_net, describe = TorchNet(Weights(f"{folder}/weights.safetensors")), getattr(nets, net)
    torch_net.feed = {name: torch.from_numpy(array) for name, array in feed.items()}
    describe(torch_net)
    return lambda: describe(torch_net), lambda: {name: value.numpy() for name, value in torch_net.results.items()}, torch_net.results.clear


LONG = 1e9


def measure(call, seconds, warm):
    """As `EXE bench` does: a tenth of the time to warm up, unless `warm`, then samples of at least ten microseconds, three or more,
    unless a call takes longer than a second."""
    clock, times, count = time.perf_counter_ns, [], 1
    end = clock() + 1e8 * seconds
    while not warm:
        start = clock()
        for _ in range(count):
            call()
        took = clock() - start
        if took < 1e5:
            count *= 2
        elif clock() > end:
            break
    end = clock() + 1e9 * seconds
    while not times or (len(times) < 3 and times[-1] < LONG) or clock() < end:
        start = clock()
        for _ in range(count):
            call()
        times.append((clock() - start) / count)
    return float(np.median(times))


def main():
    kind, net, folder, threads = sys.argv[1:5]
    with np.load(f"{folder}/feed.npz") as file:
        feed = dict(file)
    call, outputs, wipe = {"onnxruntime": onnxruntime_call, "torch": torch_call}[kind](net, folder, feed, int(threads))
    if "--once" in sys.argv:
        outputs()
        return
    np.savez(f"{folder}/{kind}.npz", **outputs())
    print("ready", flush=True)
    ns = 0
    for line in sys.stdin:
        if line == "again\n":
            wipe()
            call()
            np.savez(f"{folder}/{kind}.npz", **outputs())
            print("ready", flush=True)
        else:
            ns = measure(call, float(line), warm=ns > LONG)  # what takes so long has nothing to warm up again
            print(ns, flush=True)


if __name__ == "__main__":
    main()
