"""Top K correlations per row as a user of numpy would take them: weighted changes of log1p(CPU %), normalised; products in blocks of rows,
argpartition, sort of the K.

Input: float32 [n, steps] utilisation 0..1, NaN missing. Output: int32 [n, K] and float32 [n, K], one after the other.
Prints the seconds of the wall and of the processor of every repetition, and which BLAS does the products.
"""
import sys
import time

import numpy as np

K, BLOCK, HALF_LIFE = 16, 512, 288


def normalised(cpu):
    changes = np.diff(np.log1p(cpu * np.float32(100)), axis=1)
    weights = np.power(.5, np.arange(changes.shape[1] - 1, -1, -1) / HALF_LIFE).astype(np.float32)
    known = ~np.isnan(changes)
    changes[~known] = 0
    mean = (changes @ weights) / (known @ weights)
    changes -= mean[:, None]
    changes *= np.sqrt(weights)
    changes[~known] = 0
    changes /= np.sqrt(np.einsum("ij,ij->i", changes, changes))[:, None]
    return changes


def neighbours(rows):
    n = len(rows)
    index, weight = np.empty((n, K), np.int32), np.empty((n, K), np.float32)
    for first in range(0, n, BLOCK):
        products = rows[first:first + BLOCK] @ rows.T
        local = np.arange(len(products))
        products[local, first + local] = -np.inf
        best = np.argpartition(products, n - K, axis=1)[:, n - K:]
        values = np.take_along_axis(products, best, axis=1)
        order = np.argsort(-values, axis=1)
        index[first:first + BLOCK] = np.take_along_axis(best, order, axis=1)
        weight[first:first + BLOCK] = np.take_along_axis(values, order, axis=1)
    return index, weight


source, n, repetitions, target = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
cpu_shares = np.fromfile(source, np.float32).reshape(n, -1)
neighbours(normalised(cpu_shares[:1000]))
for _ in range(repetitions):
    wall, cpu = time.perf_counter(), time.process_time()
    index, weight = neighbours(normalised(cpu_shares))
    print("run", time.perf_counter() - wall, time.process_time() - cpu)
with open(target, "wb") as out:
    index.tofile(out)
    weight.tofile(out)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
blas = sorted({line.split("/")[-2] for line in open("/proc/self/maps") if "blas" in line})
print("peak", int(peak.split()[1]) / 1024)
print("note", f"numpy {np.__version__}, {', '.join(blas) or 'its own BLAS'}")
