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

    private ForecastNetwork(Tape tape, ParameterSet parameters, NetworkOptions options, InputScaling scaling)
    {
        (_tape, _graph, _parameters, _options, _scaling) = (tape, tape.Graph, parameters, options, scaling);
    }

    /// <summary>What comes out of the last layer.</summary>
    /// <param name="Quantiles">[rows, H, Q], rising over Q but not yet over H, not yet cut to 0..1.</param>
    /// <param name="BusyLogits">[rows, H, B], not yet rising over H.</param>
    public readonly record struct Outputs(Tensor Quantiles, Tensor BusyLogits);

    /// <summary>What the first half says of each VM: what it needs of itself to be forecast, and what others need to know of it.</summary>
    /// <param name="State">[rows, hidden].</param>
    /// <param name="Newest">[rows, 1]: newest known utilisation.</param>
    /// <param name="Age">[rows, 1]: see <see cref="InputNames.Age"/>.</param>
    /// <param name="Spread">[rows, 1]: logarithm of its spread; null where spreads are not known.</param>
    /// <param name="Key">[rows, message]: what neighbours take from it.</param>
    /// <param name="History">[rows, T] or, with its spread behind, [rows, T + 1]: logarithm of its utilisation.</param>
    public sealed record Encoded(Tensor State, Tensor Newest, Tensor Age, Tensor? Spread, Tensor Key, Tensor History);

    /// <summary>The first half: each VM by itself. Adds its inputs to the tape's graph.</summary>
    public static Encoded Encode(Tape tape, ParameterSet parameters, NetworkOptions options, InputScaling scaling)
    {
        ForecastNetwork network = new(tape, parameters, options, scaling);
        GraphBuilder graph = tape.Graph;
        Tensor window = graph.Input(InputNames.Window, new Shape(Shape.Rows, options.WindowSteps, options.Channels));
        Tensor features = graph.Input(InputNames.Features, new Shape(Shape.Rows, options.Features));
        Tensor age = graph.Input(InputNames.Age, new Shape(Shape.Rows, 1));
        Tensor newest = network.Newest(window), state = network.State(window, network.Known(features), age, newest);
        Tensor? spread = network.Spread(features);
        Tensor load = tape.Reshape(tape.Slice(window, 2, 1, 2), new Shape(Shape.Rows, options.WindowSteps));
        return new Encoded(state, newest, age, spread, network.Linear("key", state, options.Message), spread is null ? load : tape.Concat(1, load, spread));
    }

    /// <summary>The second half: forecasts VMs by what is known of them and of their neighbours. Adds neighbours and weights to the tape's graph.</summary>
    /// <param name="members">Networks that forecast the same VMs, each for itself.</param>
    /// <param name="states">[rows, hidden] of each member, of the VMs to be forecast.</param>
    /// <param name="encoded">Newest, age and spread of the VMs to be forecast; history of all that neighbours are counted among, and their keys, [rows, members * message].</param>
    /// <param name="rows">What the number of VMs to be forecast is called.</param>
    /// <returns>Outputs of each member.</returns>
    public static Outputs[] Forecast(Tape tape, ParameterSet[] members, NetworkOptions options, InputScaling scaling, Tensor[] states, Encoded encoded, string rows)
    {
        ForecastNetwork[] networks = [.. members.Select(parameters => new ForecastNetwork(tape, parameters, options, scaling))];
        Shape each = new(Shape.Rows, options.Neighbours);
        Tensor neighbours = tape.Graph.Input(InputNames.Neighbours, each, TensorProto.Types.DataType.Int64, rows), weights = tape.Graph.Input(InputNames.Weights, each, rows: rows);
        Tensor[] attended = Attend(networks, states, tape.Gather(encoded.Key, neighbours), weights, networks[0].Edges(encoded, neighbours, weights));
        return [.. networks.Select((network, i) => network.Heads(network.Refine(attended[i]), encoded.Newest))];
    }

    /// <summary>What the history says of each neighbour at a place, [1] or [rows, 1], of its row: [rows, K, 1].</summary>
    private Tensor Look(Tensor history, Tensor neighbours, Tensor place)
    {
        Tensor first = _graph.Node("Mul", neighbours.Shape, [neighbours, _graph.Constant((long)history.Shape.Last)]);
        return _tape.Gather(_tape.Reshape(history, new Shape(Shape.Rows, 1)), _graph.Node("Add", neighbours.Shape, [first, place]));
    }

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

    /// <summary>The logarithm of the spread, [rows, 1]; null where spreads are not known.</summary>
    private Tensor? Spread(Tensor features)
    {
        if (_options.SpreadFeature is not { } column) return null;
        Tensor spread = _tape.Slice(features, 1, column, column + 1);
        spread = _graph.Node("Where", spread.Shape, [_graph.Node("IsNaN", spread.Shape, [spread]), _graph.Constant(0f), spread]);
        return _graph.Node("Log", spread.Shape, [_tape.Add(_tape.Relu(spread), _graph.Constant(0.02f))]);
    }

    /// <summary>The state of each VM by itself, [rows, hidden].</summary>
    private Tensor State(Tensor window, Tensor features, Tensor age, Tensor newest)
    {
        int hidden = _options.Hidden;
        Tensor h = window;
        for (int i = 0; i < _options.Kernels.Count; i++)
        {
            // All steps of all VMs are rows of one matrix; those that a kernel joins lie side by side.
            int kernel = _options.Kernels[i], inputs = kernel * h.Shape.Last, outputs = i == 0 ? hidden / 2 : hidden;
            h = _tape.Reshape(h, new Shape(Shape.Rows, inputs));
            h = _tape.Silu(Linear($"window{i}", h, outputs, scale: i == 0 ? ChannelScale(kernel) : null));
        }

        Tensor hours = _tape.Scale(age, 1f / 12), silent = _graph.Node("Clip", age.Shape, [age, _graph.Constant(0f), _graph.Constant(1f)]);
        Tensor extra = _tape.Silu(Linear("features", _tape.Concat(1, features, hours, silent, newest), hidden));
        return Norm("state", _tape.Silu(Linear("join", _tape.Concat(1, h, extra), hidden)));
    }

    /// <summary>What each row of the first layer's weights is multiplied by, [inputs, 1], in place of the window: the runtime does it once.</summary>
    private Tensor ChannelScale(int kernel) =>
        _graph.Constant(new Shape(kernel * _options.Channels, 1), [.. Enumerable.Range(0, kernel).SelectMany(_ => _scaling.Channel)]);

    /// <summary>How far the logarithm of each neighbour's utilisation has moved since the VM's newest own report, [rows, K, 1]: what a silent VM missed.</summary>
    private Tensor Moved(Encoded encoded, Tensor neighbours)
    {
        int last = _options.WindowSteps - 1;
        Shape column = encoded.Age.Shape;
        Tensor then = _graph.Node("Clip", column, [_tape.Subtract(_graph.Constant((float)last), encoded.Age), _graph.Constant(0f), _graph.Constant((float)last)]);
        then = _graph.Node("Cast", column, [then], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Int64));
        return _tape.Subtract(Look(encoded.History, neighbours, _graph.Constant((long)last)), Look(encoded.History, neighbours, then));
    }

    /// <summary>
    /// What is known of each edge, [rows, K, edge features]: its weight, how far that is above .4, how far the neighbour has moved, by itself and
    /// weighted, and where spreads are known their ratio, and the weighted move in the VM's own scale.
    /// </summary>
    private Tensor Edges(Encoded encoded, Tensor neighbours, Tensor weights)
    {
        Shape edge = new(Shape.Rows, _options.Neighbours, 1);
        Tensor moved = Moved(encoded, neighbours), weight = _tape.Reshape(weights, edge);
        Tensor strong = _tape.Scale(_tape.Relu(_tape.Add(weight, _graph.Constant(-0.4f))), 2f), weighted = _tape.Multiply(moved, weight);
        if (encoded.Spread is null) return _tape.Concat(2, weight, strong, moved, weighted);

        Tensor ratio = _tape.Subtract(_tape.Reshape(encoded.Spread, new Shape(Shape.Rows, 1, 1)), Look(encoded.History, neighbours, _graph.Constant((long)_options.WindowSteps)));
        Tensor scale = _graph.Node("Exp", edge, [_graph.Node("Clip", edge, [ratio, _graph.Constant(-8f), _graph.Constant(1f)])]);
        return _tape.Concat(2, weight, strong, moved, weighted, _tape.Scale(ratio, 1f / 3), _tape.Multiply(weighted, scale));
    }

    /// <summary>
    /// Each VM takes from its neighbours what it needs; one without neighbours takes nothing. All heads of a member weigh the same messages. Members' messages
    /// lie side by side, so that their edges and neighbours are gone through once; that costs what heads of one would take from the other, which is left away.
    /// </summary>
    private static Tensor[] Attend(ForecastNetwork[] members, Tensor[] states, Tensor keys, Tensor weights, Tensor edges)
    {
        (Tape tape, NetworkOptions options) = (members[0]._tape, members[0]._options);
        (int width, int heads, int k, int features) = (options.Message, options.Heads, options.Neighbours, edges.Shape.Last);
        Tensor own = tape.Concat(1, [.. members.Select((m, i) => m.Linear("query", states[i], width))]);
        Tensor edge = tape.MatMul(edges, tape.Concat(1, [.. members.Select(m => m.Weight("edge", features, width))]));
        Tensor message = tape.LeakyRelu(tape.Add(tape.Add(keys, tape.Reshape(own, new Shape(Shape.Rows, 1, own.Shape.Last))), edge), LeakySlope);

        Tensor absent = tape.Graph.Node("Cast", weights.Shape, [tape.Graph.Node("Equal", weights.Shape, [weights, tape.Graph.Constant(0f)])], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
        absent = tape.Reshape(absent, new Shape(Shape.Rows, 1, k));
        Tensor attention = Diagonal(tape, [.. members.Select(m => m.Weight("attention", width, heads))]);
        Tensor logits = tape.Add(tape.MatMul(message, attention), tape.MatMul(edges, tape.Concat(1, [.. members.Select(m => m.Weight("edge_logit", features, heads))])));
        logits = tape.Add(tape.Transpose(logits), tape.Scale(absent, AbsentLogit));
        Tensor share = tape.Multiply(tape.Softmax(logits, 2), tape.Subtract(tape.Graph.Constant(1f), absent));
        Tensor taken = tape.BatchMatMul(share, message);
        return [.. members.Select((m, i) => m.Take(states[i], tape.Slice(tape.Slice(taken, 1, i * heads, (i + 1) * heads), 2, i * width, (i + 1) * width)))];
    }

    private Tensor Take(Tensor state, Tensor taken) =>
        Norm("attended", _tape.Add(state, Linear("taken", _tape.Reshape(taken, new Shape(Shape.Rows, _options.Heads * _options.Message)), _options.Hidden)));

    /// <summary>Matrices along the diagonal of one, zero elsewhere.</summary>
    private static Tensor Diagonal(Tape tape, Tensor[] matrices)
    {
        (int inputs, int outputs) = (matrices[0].Shape[0], matrices[0].Shape[1]);
        Tensor zero = tape.Graph.Constant(new Shape(inputs, outputs), new float[inputs * outputs]);
        return tape.Concat(0, [.. matrices.Select((matrix, i) => tape.Concat(1, [.. matrices.Select((_, j) => i == j ? matrix : zero)]))]);
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

    private Tensor Linear(string name, Tensor a, int outputs, Initializer? weight = null, Initializer? bias = null, Tensor? scale = null)
    {
        int inputs = a.Shape.Last;
        Tensor weights = Weight(name, inputs, outputs, weight);
        Tensor product = _tape.MatMul(a, scale is null ? weights : _tape.Multiply(weights, scale));
        return _tape.Add(product, _parameters.Add(name + ".bias", new Shape(outputs), bias ?? Initialize.FanIn(inputs)));
    }

    private Tensor Norm(string name, Tensor a)
    {
        Shape width = new(a.Shape.Last);
        Tensor gain = _parameters.Add(name + ".gain", width, Initialize.One), shift = _parameters.Add(name + ".shift", width, Initialize.Zero);
        return _tape.Add(_tape.Multiply(_tape.Normalize(a), gain), shift);
    }
}
