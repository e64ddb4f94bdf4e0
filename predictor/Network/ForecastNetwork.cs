using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Network;

/// <summary>
/// The network, defined once; the training graph and the serving graph both come from here. Per VM a pyramid of strided
/// convolutions over the window joined with the features, then attention over its neighbours in the similarity graph
/// (GATv2: Brody, Alon, Yahav, "How Attentive are Graph Attention Networks?", 2022), then the heads.
/// </summary>
public sealed class ForecastNetwork
{
    /// <summary>Standardised features are cut here: beyond lies nothing that training saw often.</summary>
    private const float FeatureLimit = 8f;

    /// <summary>A spread of the quantiles below this is taken for this, in shares of a VM's cores.</summary>
    private const float SpreadMin = 0.02f;

    private const float LeakySlope = 0.2f;

    /// <summary>Added to the logits of neighbours that do not exist; e^-30 is nothing beside a real one.</summary>
    private const float AbsentLogit = -30f;

    private readonly Tape _tape;
    private readonly GraphBuilder _graph;
    private readonly ParameterSet _parameters;
    private readonly NetworkOptions _options;
    private readonly InputScaling _scaling;
    private Tensor? _queries;

    private ForecastNetwork(Tape tape, ParameterSet parameters, NetworkOptions options, InputScaling scaling)
    {
        (_tape, _graph, _parameters, _options, _scaling) = (tape, tape.Graph, parameters, options, scaling);
    }

    /// <summary>What comes out of the last layer.</summary>
    /// <param name="Quantiles">[rows, H, Q], rising over Q but not yet over H, not yet cut to 0..1.</param>
    /// <param name="BusyLogits">[rows, H, B], not yet rising over H.</param>
    public readonly record struct Outputs(Tensor Quantiles, Tensor BusyLogits);

    /// <summary>Adds inputs and network to the tape's graph.</summary>
    /// <param name="queries">Forecasts only the rows of <see cref="InputNames.Queries"/>: training looks at few of a snapshot's VMs and at their neighbours.</param>
    public static Outputs Build(Tape tape, ParameterSet parameters, NetworkOptions options, InputScaling scaling, bool queries = false)
    {
        ForecastNetwork network = new(tape, parameters, options, scaling);
        GraphBuilder graph = tape.Graph;
        Tensor window = graph.Input(InputNames.Window, new Shape(Shape.Rows, options.WindowSteps, options.Channels));
        Tensor features = graph.Input(InputNames.Features, new Shape(Shape.Rows, options.Features));
        Tensor age = graph.Input(InputNames.Age, new Shape(Shape.Rows, 1));
        string rows = queries ? InputNames.Queries : GraphBuilder.RowsName;
        Tensor neighbours = graph.Input(InputNames.Neighbours, new Shape(Shape.Rows, options.Neighbours), TensorProto.Types.DataType.Int64, rows);
        Tensor weights = graph.Input(InputNames.Weights, new Shape(Shape.Rows, options.Neighbours), rows: rows);
        network._queries = queries ? graph.Input(InputNames.Queries, new Shape(Shape.Rows, 1), TensorProto.Types.DataType.Int64, rows) : null;

        Tensor newest = network.Newest(window);
        Tensor state = network.Encode(window, network.Known(features), age, newest);
        state = network.Attend(state, neighbours, weights, network.Edges(features, neighbours, weights, network.Moved(window, age, neighbours)));
        return network.Heads(network.Refine(state), network.Queried(newest));
    }

    /// <summary>The rows that are forecast, of [rows, n].</summary>
    private Tensor Queried(Tensor a) => _queries is null ? a : _tape.Reshape(_tape.Gather(a, _queries), new Shape(Shape.Rows, a.Shape.Last));

    /// <summary>The newest known CPU utilisation, [rows, 1].</summary>
    private Tensor Newest(Tensor window)
    {
        int last = _options.WindowSteps - 1;
        return _tape.Reshape(_tape.Slice(_tape.Slice(window, 1, last, last + 1), 2, 0, 1), new Shape(Shape.Rows, 1));
    }

    /// <summary>Standardised features; a missing one is at its mean, which is 0.</summary>
    private Tensor Known(Tensor features)
    {
        Shape row = new(_options.Features);
        Tensor mean = _graph.Constant(row, _scaling.FeatureMean);
        Tensor missing = _graph.Node("IsNaN", features.Shape, [features]);
        Tensor filled = _graph.Node("Where", features.Shape, [missing, mean, features]);
        Tensor scaled = _tape.Multiply(_tape.Subtract(filled, mean), _graph.Constant(row, _scaling.FeatureScale));
        return _graph.Node("Clip", features.Shape, [scaled, _graph.Constant(-FeatureLimit), _graph.Constant(FeatureLimit)]);
    }

    /// <summary>The state of each VM by itself, [rows, hidden].</summary>
    private Tensor Encode(Tensor window, Tensor features, Tensor age, Tensor newest)
    {
        int hidden = _options.Hidden, steps = _options.WindowSteps;
        Tensor h = _tape.Multiply(window, _graph.Constant(new Shape(_options.Channels), _scaling.Channel));
        for (int i = 0; i < _options.Kernels.Count; i++)
        {
            int kernel = _options.Kernels[i], width = i == 0 ? hidden / 2 : hidden;
            steps /= kernel;
            h = _tape.Reshape(h, new Shape(Shape.Rows, steps, kernel * h.Shape.Last));
            h = _tape.Silu(Linear($"window{i}", h, width));
        }
        h = _tape.Reshape(h, new Shape(Shape.Rows, steps * hidden));

        Tensor hours = _tape.Scale(age, 1f / 12), silent = _graph.Node("Min", age.Shape, [age, _graph.Constant(1f)]);
        Tensor extra = _tape.Silu(Linear("features", _tape.Concat(1, features, hours, silent, newest), hidden));
        return Norm("state", _tape.Silu(Linear("join", _tape.Concat(1, h, extra), hidden)));
    }

    /// <summary>How far the logarithm of each neighbour's utilisation has moved since the VM's newest own report, [rows, K, 1]: what a silent VM missed.</summary>
    private Tensor Moved(Tensor window, Tensor age, Tensor neighbours)
    {
        (int steps, int k) = (_options.WindowSteps, _options.Neighbours);
        Tensor load = _tape.Reshape(_tape.Slice(window, 2, 1, 2), new Shape(Shape.Rows, steps));
        Tensor now = _tape.Gather(_tape.Slice(load, 1, steps - 1, steps), neighbours);

        Shape one = new(Shape.Rows, 1), each = new(Shape.Rows, k, 1);
        Tensor newest = _graph.Node("Clip", one, [_tape.Subtract(_graph.Constant((float)(steps - 1)), Queried(age)), _graph.Constant(0f), _graph.Constant((float)(steps - 1))]);
        newest = _graph.Node("Cast", one, [newest], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Int64));
        Tensor rows = _graph.Node("Unsqueeze", each, [neighbours, _graph.Constant(2L)]);
        Tensor step = _graph.Node("Expand", each, [_graph.Node("Unsqueeze", new Shape(Shape.Rows, 1, 1), [newest, _graph.Constant(2L)]), _graph.Node("Shape", new Shape(3), [rows])]);
        Tensor places = _graph.Node("Concat", new Shape(Shape.Rows, k, 2), [rows, step], GraphBuilder.Attribute("axis", 2));
        Tensor then = _tape.Reshape(_graph.Node("GatherND", new Shape(Shape.Rows, k), [load, places]), each);
        return _tape.Subtract(now, then);
    }

    /// <summary>
    /// What is known of each edge, [rows, K, edge features]: its weight, how far that is above .4, how far the neighbour has moved, by itself and
    /// weighted, and where spreads are known their ratio, and the weighted move in the VM's own scale.
    /// </summary>
    private Tensor Edges(Tensor features, Tensor neighbours, Tensor weights, Tensor moved)
    {
        Shape edge = new(Shape.Rows, _options.Neighbours, 1);
        Tensor weight = _tape.Reshape(weights, edge);
        Tensor strong = _tape.Scale(_tape.Relu(_tape.Add(weight, _graph.Constant(-0.4f))), 2f), weighted = _tape.Multiply(moved, weight);
        if (_options.SpreadFeature is not { } column) return _tape.Concat(2, weight, strong, moved, weighted);

        Tensor spread = _tape.Slice(features, 1, column, column + 1);
        spread = _graph.Node("Where", spread.Shape, [_graph.Node("IsNaN", spread.Shape, [spread]), _graph.Constant(0f), spread]);
        Tensor log = _graph.Node("Log", spread.Shape, [_tape.Add(_tape.Relu(spread), _graph.Constant(0.02f))]);
        Tensor ratio = _tape.Subtract(_tape.Reshape(Queried(log), new Shape(Shape.Rows, 1, 1)), _tape.Gather(log, neighbours));
        Tensor scale = _graph.Node("Exp", edge, [_graph.Node("Min", edge, [ratio, _graph.Constant(1f)])]);
        return _tape.Concat(2, weight, strong, moved, weighted, _tape.Scale(ratio, 1f / 3), _tape.Multiply(weighted, scale));
    }

    /// <summary>Each VM takes from its neighbours what it needs; one without neighbours takes nothing.</summary>
    private Tensor Attend(Tensor state, Tensor neighbours, Tensor weights, Tensor edges)
    {
        (int hidden, int heads, int k) = (_options.Hidden, _options.Heads, _options.Neighbours);
        int width = hidden / heads;
        Tensor absent = _graph.Node("Cast", weights.Shape, [_graph.Node("Equal", weights.Shape, [weights, _graph.Constant(0f)])], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
        absent = _tape.Reshape(absent, new Shape(Shape.Rows, k, 1));

        Tensor queried = Queried(state), own = _tape.Reshape(Linear("query", queried, hidden), new Shape(Shape.Rows, 1, hidden));
        Tensor others = _tape.Gather(Linear("key", state, hidden), neighbours);
        Tensor edge = _tape.MatMul(edges, Weight("edge", edges.Shape.Last, hidden));
        Tensor message = _tape.LeakyRelu(_tape.Add(_tape.Add(others, own), edge), LeakySlope);
        message = _tape.Reshape(message, new Shape(Shape.Rows, k, heads, width));

        Tensor vector = _parameters.Add("attention", new Shape(heads, width), Initialize.FanIn(width));
        Tensor logits = _tape.Add(_tape.Sum(_tape.Multiply(message, vector), 3), _tape.MatMul(edges, Weight("edge_logit", edges.Shape.Last, heads)));
        logits = _tape.Add(logits, _tape.Scale(absent, AbsentLogit));
        Tensor share = _tape.Multiply(_tape.Softmax(logits, 1), _tape.Subtract(_graph.Constant(1f), absent));
        Tensor taken = _tape.Sum(_tape.Multiply(message, _tape.Reshape(share, new Shape(Shape.Rows, k, heads, 1))), 1);
        taken = _tape.Reshape(taken, new Shape(Shape.Rows, hidden));
        return Norm("attended", _tape.Add(queried, Linear("taken", taken, hidden)));
    }

    private Tensor Refine(Tensor state) =>
        _tape.Add(state, Linear("refine1", _tape.Silu(Linear("refine0", state, _options.Hidden)), _options.Hidden));

    /// <summary>Quantiles begin at the newest known utilisation and rise by what softplus makes positive: they cannot cross.</summary>
    private Outputs Heads(Tensor state, Tensor newest)
    {
        int h = _options.HorizonSteps.Count, q = _options.Levels.Count, b = _options.BusyThresholds.Count;
        float[] bias = new float[q + b];
        Array.Fill(bias, -4f, 1, q - 1);
        Tensor raw = Linear("heads", state, h * (q + b), Initialize.Zero, Initialize.Repeat(bias));
        raw = _tape.Reshape(raw, new Shape(Shape.Rows, h, q + b));
        Tensor lowest = _tape.Add(_tape.Slice(raw, 2, 0, 1), _tape.Reshape(newest, new Shape(Shape.Rows, 1, 1)));
        Tensor rises = _tape.Scale(_tape.Softplus(_tape.Slice(raw, 2, 1, q)), 0.3f);
        Tensor quantiles = _tape.MatMul(_tape.Concat(2, lowest, rises), _graph.Constant(new Shape(q, q), Cumulative(q)));
        return new Outputs(quantiles, _tape.Add(Logits(quantiles), _tape.Slice(raw, 2, q, q + b)));
    }

    /// <summary>
    /// Chances as the quantiles have them: a threshold is the less likely to be reached, the more spreads it lies above the median. Of quantiles
    /// every case teaches, of thresholds only the few that reach them; the heads need to learn no more than what is left.
    /// </summary>
    private Tensor Logits(Tensor quantiles)
    {
        int h = _options.HorizonSteps.Count, q = _options.Levels.Count, b = _options.BusyThresholds.Count;
        Tensor median = _tape.Slice(quantiles, 2, 0, 1), highest = _tape.Slice(quantiles, 2, q - 1, q);
        Tensor spread = _tape.Add(_tape.Subtract(highest, median), _graph.Constant(SpreadMin));
        Tensor distance = _tape.Divide(_tape.Subtract(median, _graph.Constant(new Shape(b), [.. _options.BusyThresholds])), spread);
        Tensor gain = _parameters.Add("busy.gain", new Shape(h, b), Initialize.Repeat(2f)), shift = _parameters.Add("busy.shift", new Shape(h, b), Initialize.Zero);
        return _tape.Add(_tape.Multiply(distance, gain), shift);
    }

    /// <summary>A matrix that turns rises into running sums.</summary>
    private static float[] Cumulative(int size)
    {
        float[] matrix = new float[size * size];
        for (int i = 0; i < size; i++)
            for (int j = i; j < size; j++) matrix[i * size + j] = 1f;
        return matrix;
    }

    private Tensor Weight(string name, int inputs, int outputs, Initializer? initial = null) =>
        _parameters.Add(name + ".weight", new Shape(inputs, outputs), initial ?? Initialize.FanIn(inputs));

    private Tensor Linear(string name, Tensor a, int outputs, Initializer? weight = null, Initializer? bias = null)
    {
        int inputs = a.Shape.Last;
        Tensor product = _tape.MatMul(a, Weight(name, inputs, outputs, weight));
        return _tape.Add(product, _parameters.Add(name + ".bias", new Shape(outputs), bias ?? Initialize.FanIn(inputs)));
    }

    private Tensor Norm(string name, Tensor a)
    {
        Shape width = new(a.Shape.Last);
        Tensor gain = _parameters.Add(name + ".gain", width, Initialize.One), shift = _parameters.Add(name + ".shift", width, Initialize.Zero);
        return _tape.Add(_tape.Multiply(_tape.Normalize(a), gain), shift);
    }
}
