using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;
using Pipeline.Processors.Similarity;

namespace Pipeline.Tests.Benchmarks.Similarity;

/// <summary>
/// Top K correlations per row as a user of ONNX Runtime would take them: a graph of MatMul and TopK that is fed blocks of rows. All rows are a
/// constant of the graph, so that the runtime lays them out for its product once, when the session is made. A fleet's rows are others at
/// every refresh, so that is measured.
/// </summary>
internal sealed class OnnxPeer : IDisposable
{
    /// <summary>Of 256, 512, 1024 and 2048 the fastest at 10,000 rows; more only takes memory.</summary>
    private const int Block = 512;

    private readonly float[] rows;
    private readonly int n;
    private readonly int changes;
    private readonly int k;
    private readonly SessionOptions options = new() { IntraOpNumThreads = Environment.ProcessorCount };
    private readonly InferenceSession session;
    private readonly RunOptions run = new();

    /// <param name="rows">[n, changes] of length 1.</param>
    /// <param name="n">Rows.</param>
    /// <param name="k">Neighbours per row.</param>
    public OnnxPeer(float[] rows, int n, int k)
    {
        (this.rows, this.n, this.k, changes) = (rows, n, k, rows.Length / n);
        session = new InferenceSession(Graph(), options);
    }

    public NeighbourList Run()
    {
        NeighbourList list = new(n, k, new int[n * k], new float[n * k]);
        for (int first = 0; first < n; first += Block)
        {
            int count = Math.Min(Block, n - first);
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, rows.AsMemory(first * changes, count * changes), [count, changes]);
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, ["block"], [input], ["weight", "index"]);
            Take(first, count, outputs[0].GetTensorDataAsSpan<float>(), outputs[1].GetTensorDataAsSpan<float>(), list);
        }
        return list;
    }

    public void Dispose()
    {
        run.Dispose();
        session.Dispose();
        options.Dispose();
    }

    /// <summary>The best k + 1 of a row hold the row itself.</summary>
    private void Take(int first, int count, ReadOnlySpan<float> weights, ReadOnlySpan<float> index, NeighbourList list)
    {
        for (int row = 0; row < count; row++)
        {
            int to = (first + row) * k, end = to + k;
            for (int from = row * (k + 1); to < end; from++)
                if ((int)index[from] != first + row) (list.Index[to], list.Weight[to++]) = ((int)index[from], weights[from]);
        }
    }

    private byte[] Graph()
    {
        float[] columns = new float[rows.Length];
        Parallel.For(0, changes, t =>
        {
            for (int row = 0; row < n; row++) columns[(t * n) + row] = rows[(row * changes) + t];
        });
        GraphBuilder graph = new();
        Shape wanted = new(Shape.Rows, k + 1);
        Tensor block = graph.Input("block", new Shape(Shape.Rows, changes)), all = graph.Initializer("rows", new Shape(changes, n), columns);
        Tensor products = graph.Node("MatMul", new Shape(Shape.Rows, n), [block, all]);
        Tensor[] best = graph.Nodes("TopK", [wanted, wanted], [products, graph.Constant([k + 1L])]);
        graph.Output(best[0], "weight");
        // Row numbers below 2^24 are whole in single precision.
        graph.Output(graph.Node("Cast", wanted, [best[1]], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float)), "index");
        return graph.ToBytes();
    }
}
