using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;
using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Autodiff;

/// <summary>A small network with attention, against PyTorch's answers (Data/golden.json): what ours computes is the same.</summary>
public sealed class GoldenTests
{
    private static readonly JsonElement Golden = JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Predictor", "Data", "golden.json"))).RootElement;

    private static readonly int N = Int("N"), T = Int("T"), F = Int("F"), K = Int("K"), D = Int("D");
    private static readonly string[] Names = [.. Golden.GetProperty("params").EnumerateObject().Select(p => p.Name)];

    [Fact]
    public void Logits_are_those_of_PyTorch()
    {
        using Instance instance = new();
        float[] logits = instance.Logits();
        float[] wanted = Floats(Golden.GetProperty("logits"));
        Assert.Equal(wanted.Length, logits.Length);
        for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], logits[i], 1e-5f);
    }

    [Fact]
    public void Loss_and_gradients_are_those_of_PyTorch()
    {
        using Instance instance = new();
        instance.Step();
        Assert.Equal(Golden.GetProperty("loss").GetSingle(), instance.Run.Losses[0], 1e-5f);
        foreach (Parameter p in instance.Parameters)
        {
            float[] wanted = Floats(Golden.GetProperty("grads").GetProperty(p.Name));
            for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], instance.Run.Gradients[p.Offset + i], 1e-5f);
        }
    }

    [Fact]
    public void Twenty_steps_of_AdamW_follow_PyTorch()
    {
        JsonElement settings = Golden.GetProperty("adamw");
        float[] wanted = Floats(settings.GetProperty("losses"));
        Assert.Equal(20, wanted.Length);
        using Instance instance = new();
        AdamW optimizer = new(instance.Weights.Length, settings.GetProperty("weight_decay").GetSingle());
        foreach (float loss in wanted)
        {
            instance.Step();
            Assert.Equal(loss, instance.Run.Losses[0], 1e-4f);
            optimizer.Update(instance.Weights, instance.Run.Gradients, settings.GetProperty("lr").GetSingle());
        }
    }

    private static int Int(string name) => Golden.GetProperty(name).GetInt32();

    private static float[] Floats(JsonElement e) =>
        e.ValueKind == JsonValueKind.Array ? [.. e.EnumerateArray().SelectMany(Floats)] : [e.GetSingle()];

    private static Tensor Network(Tape t, Func<string, Tensor> p, Tensor x, Tensor neighbours)
    {
        Tensor h = t.Reshape(x, new Shape(Shape.Rows, T / 3, 3 * F));
        h = t.Relu(t.Add(t.MatMul(h, p("W1")), p("b1")));
        h = t.Reshape(h, new Shape(Shape.Rows, T / 9, 3 * D));
        h = t.Relu(t.Add(t.MatMul(h, p("W2")), p("b2")));
        h = t.Reshape(h, new Shape(Shape.Rows, T / 9 * D));
        h = t.Relu(t.Add(t.MatMul(h, p("W3")), p("b3")));
        Tensor q = t.Reshape(t.MatMul(h, p("Wq")), new Shape(Shape.Rows, 1, D));
        Tensor k = t.Gather(t.MatMul(h, p("Wk")), neighbours), v = t.Gather(t.MatMul(h, p("Wv")), neighbours);
        Tensor attention = t.Softmax(t.Scale(t.Sum(t.Multiply(q, k), 2), 1f / MathF.Sqrt(D)), 1);
        Tensor o = t.Sum(t.Multiply(t.Reshape(attention, new Shape(Shape.Rows, K, 1)), v), 1);
        h = t.Relu(t.Add(h, t.Add(t.MatMul(o, p("Wo")), p("bo"))));
        return t.Add(t.MatMul(h, p("Wh")), p("bh"));
    }

    private sealed class Instance : IDisposable
    {
        private readonly Dictionary<string, OrtValue> _inputs;
        private readonly GradientSession _session;
        private readonly byte[] _model;

        public Instance()
        {
            GraphBuilder graph = new();
            Tape tape = new(graph);
            ParameterSet set = new(tape, null);
            Dictionary<string, Tensor> parameters = [];
            List<float> weights = [];
            foreach (string name in Names)
            {
                JsonElement values = Golden.GetProperty("params").GetProperty(name);
                Shape shape = values[0].ValueKind == JsonValueKind.Array ? new(values.GetArrayLength(), values[0].GetArrayLength()) : new(values.GetArrayLength());
                parameters[name] = set.Add(name, shape, Initialize.Zero);
                weights.AddRange(Floats(values));
            }
            Tensor x = graph.Input("X", new Shape(Shape.Rows, T, F)), y = graph.Input("Y", new Shape(Shape.Rows, 16));
            Tensor neighbours = graph.Input("neighbours", new Shape(Shape.Rows, K), TensorProto.Types.DataType.Int64);
            Tensor logits = Network(tape, n => parameters[n], x, neighbours);
            Tensor cross = tape.Subtract(tape.Softplus(logits), tape.Multiply(logits, y));
            Tensor loss = tape.Scale(tape.Sum(cross), 1f / (N * 16));
            Tensor[] gradients = tape.Gradients(loss, set.Tensors);
            graph.Output(logits, "logits");
            graph.Output(loss, GradientSession.LossOutput("bce"));
            for (int i = 0; i < gradients.Length; i++) graph.Output(gradients[i], GradientSession.GradientOutput(Names[i]));

            Weights = [.. weights];
            Parameters = set.Parameters;
            _model = graph.ToBytes();
            _session = new GradientSession(_model, set.Parameters, ["bce"]);
            Run = new GradientRun(_session, Weights);
            _inputs = new()
            {
                ["X"] = OrtValue.CreateTensorValueFromMemory(Floats(Golden.GetProperty("X")), [N, T, F]),
                ["Y"] = OrtValue.CreateTensorValueFromMemory(Floats(Golden.GetProperty("Y")), [N, 16]),
                ["neighbours"] = OrtValue.CreateTensorValueFromMemory(
                    [.. Floats(Golden.GetProperty("neighbours")).Select(v => (long)v)], [N, K]),
            };
        }

        public float[] Weights { get; }

        public IReadOnlyList<Parameter> Parameters { get; }

        public GradientRun Run { get; }

        public void Step() => Run.Run(_inputs);

        public float[] Logits()
        {
            Dictionary<string, OrtValue> all = new(_inputs);
            foreach (Parameter p in Parameters)
                all[p.Name] = OrtValue.CreateTensorValueFromMemory(Weights[p.Offset..(p.Offset + p.Shape.Length)], p.Shape.ToLongs());
            using RunOptions options = new();
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Session.Run(options, all, ["logits"]);
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }

        public void Dispose()
        {
            Run.Dispose();
            _session.Dispose();
            foreach (OrtValue value in _inputs.Values) value.Dispose();
        }
    }
}
