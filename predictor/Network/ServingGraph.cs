using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Network;

/// <summary>Writes the model that is served: the network with its weights, and outputs that keep what forecasts of peaks must keep.</summary>
public static class ServingGraph
{
    /// <param name="weights">All weights, in the order of the network's parameters.</param>
    /// <returns>An ONNX model with the inputs and outputs of <see cref="InputNames"/>.</returns>
    public static byte[] Build(NetworkOptions options, InputScaling scaling, float[] weights)
    {
        GraphBuilder graph = new();
        Tape tape = new(graph);
        ForecastNetwork.Outputs raw = ForecastNetwork.Build(tape, new ParameterSet(tape, weights), options, scaling);
        Tensor quantiles = RisingOverHorizons(tape, raw.Quantiles), logits = RisingOverHorizons(tape, raw.BusyLogits);
        graph.Output(graph.Node("Clip", quantiles.Shape, [quantiles, graph.Constant(0f), graph.Constant(1f)]), InputNames.PeakQuantile);
        graph.Output(tape.Sigmoid(logits), InputNames.BusyProbability);
        return graph.ToBytes();
    }

    /// <summary>A peak over a longer time is never lower, so no quantile of it may be: the largest so far along axis 1.</summary>
    private static Tensor RisingOverHorizons(Tape tape, Tensor values)
    {
        Tensor[] horizons = new Tensor[values.Shape[1]];
        for (int h = 0; h < horizons.Length; h++)
        {
            Tensor own = tape.Slice(values, 1, h, h + 1);
            horizons[h] = h == 0 ? own : tape.Max(horizons[h - 1], own);
        }
        return tape.Concat(1, horizons);
    }
}
