using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Network;

/// <summary>
/// Writes the model that is served: the network with its weights, calibrated, and outputs that keep what forecasts of peaks must keep. The network's
/// halves do not touch in the graph: what the first says of VMs is an output, and an input of the second. So either is run on as many
/// VMs at a time as fit a core's cache, however large the cell, and the other, meanwhile, on none.
/// </summary>
public static class ServingGraph
{
    /// <summary>What the names of a member's parameters begin with.</summary>
    public static string Prefix(int member) => $"member{member}.";

    /// <param name="members">
    /// Weights of networks that were trained apart, in the order of the network's parameters. Their quantiles and logits are averaged: what each
    /// learned by chance cancels (Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles", 2017).
    /// </param>
    /// <param name="calibration">Null: outputs stay as they are.</param>
    /// <returns>An ONNX model with the inputs and outputs of <see cref="InputNames"/>.</returns>
    public static byte[] Build(NetworkOptions options, InputScaling scaling, IReadOnlyList<float[]> members, Calibration? calibration = null)
    {
        GraphBuilder graph = new();
        Tape tape = new(graph);
        ParameterSet[] parameters = [.. members.Select((weights, i) => new ParameterSet(tape, weights, Prefix(i)))];
        (Tensor[] states, ForecastNetwork.Encoded encoded) = Handed(tape, [.. parameters.Select(p => ForecastNetwork.Encode(tape, p, options, scaling))]);
        ForecastNetwork.Outputs[] all = ForecastNetwork.Forecast(tape, parameters, options, scaling, states, encoded, InputNames.Queries);
        ForecastNetwork.Outputs raw = new(Mean(tape, [.. all.Select(o => o.Quantiles)]), Mean(tape, [.. all.Select(o => o.BusyLogits)]));
        (Tensor quantiles, Tensor logits) = calibration is null ? raw : Calibrated(tape, options, raw, calibration);
        (quantiles, logits) = (Rising(tape, Rising(tape, quantiles, 2), 1), Rising(tape, logits, 1));
        graph.Output(graph.Node("Clip", quantiles.Shape, [quantiles, graph.Constant(0f), graph.Constant(1f)]), InputNames.PeakQuantile, InputNames.Queries);
        graph.Output(tape.Sigmoid(logits), InputNames.BusyProbability, InputNames.Queries);
        return graph.ToBytes();
    }

    /// <summary>What the first half says of VMs, out of the graph and in again: by what each VM needs of itself, and what others need of it.</summary>
    private static (Tensor[] States, ForecastNetwork.Encoded Encoded) Handed(Tape tape, ForecastNetwork.Encoded[] members)
    {
        ForecastNetwork.Encoded first = members[0];
        Tensor[] parts = [.. members.Select(m => m.State), first.Newest, first.Age, .. first.Spread is null ? [] : (Tensor[])[first.Spread]];
        Tensor own = Hand(InputNames.Own, InputNames.Queries, parts);
        Tensor keys = Hand(InputNames.Keys, GraphBuilder.RowsName, [.. members.Select(m => m.Key)]), history = Hand(InputNames.History, GraphBuilder.RowsName, [first.History]);
        int at = 0;
        parts = [.. parts.Select(part => tape.Slice(own, 1, at, at += part.Shape.Last))];
        int n = members.Length;
        return (parts[..n], new ForecastNetwork.Encoded(parts[0], parts[n], parts[n + 1], first.Spread is null ? null : parts[n + 2], keys, history));

        Tensor Hand(string name, string rows, Tensor[] columns)
        {
            Tensor joined = tape.Concat(1, columns);
            tape.Graph.Output(joined, InputNames.Encoded(name));
            return tape.Graph.Input(name, joined.Shape, rows: rows);
        }
    }

    private static Tensor Mean(Tape tape, Tensor[] values) => values.Length == 1 ? values[0] : tape.Scale(values.Aggregate(tape.Add), 1f / values.Length);

    private static ForecastNetwork.Outputs Calibrated(Tape tape, NetworkOptions options, ForecastNetwork.Outputs raw, Calibration calibration)
    {
        int h = options.HorizonSteps.Count, q = options.Levels.Count, b = options.BusyThresholds.Count;
        Tensor lowest = tape.Slice(raw.Quantiles, 2, 0, 1);
        Tensor rises = tape.Multiply(tape.Subtract(raw.Quantiles, lowest), tape.Graph.Constant(new Shape(h, q), calibration.RiseScale));
        Tensor logits = tape.Multiply(raw.BusyLogits, tape.Graph.Constant(new Shape(h, b), calibration.LogitScale));
        return new ForecastNetwork.Outputs(tape.Add(rises, lowest), tape.Add(logits, tape.Graph.Constant(new Shape(h, b), calibration.LogitShift)));
    }

    /// <summary>A higher quantile is never lower, nor is a peak over a longer time: the largest so far along an axis.</summary>
    private static Tensor Rising(Tape tape, Tensor values, int axis)
    {
        Tensor[] parts = new Tensor[values.Shape[axis]];
        for (int i = 0; i < parts.Length; i++)
        {
            Tensor own = tape.Slice(values, axis, i, i + 1);
            parts[i] = i == 0 ? own : tape.Max(parts[i - 1], own);
        }
        return tape.Concat(axis, parts);
    }
}
