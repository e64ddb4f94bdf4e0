using Pipeline.Predictor.Autodiff;
using Pipeline.Predictor.Onnx;
using Pipeline.Predictor.Onnx.Messages;
using Pipeline.Predictor.Training;

namespace Pipeline.Predictor.Network;

/// <summary>Writes the network with its losses and their gradients.</summary>
public static class TrainingGraph
{
    public const string PinballLoss = "pinball", BusyLoss = "busy";

    /// <summary>
    /// Weight of the quantiles' loss against the probabilities': every case teaches of quantiles, few of becoming busy, and
    /// those few are learned by heart when they count more.
    /// </summary>
    public const float PinballWeight = 10f;

    public static readonly IReadOnlyList<string> Losses = [PinballLoss, BusyLoss];

    /// <param name="Model">The graph: inputs of <see cref="InputNames"/> and parameters; losses and, if wanted, gradients out.</param>
    public sealed record Result(byte[] Model, ParameterSet Parameters);

    /// <param name="gradients">False: losses alone, for validation.</param>
    public static Result Build(NetworkOptions options, InputScaling scaling, bool gradients = true)
    {
        GraphBuilder graph = new();
        Tape tape = new(graph);
        ParameterSet parameters = new(tape, null);
        Shape column = new(Shape.Rows, 1);
        ForecastNetwork.Encoded each = ForecastNetwork.Encode(tape, parameters, options, scaling);
        // Training looks at few of a snapshot's VMs, and at their neighbours.
        Tensor queries = graph.Input(InputNames.Queries, column, TensorProto.Types.DataType.Int64, InputNames.Queries);
        ForecastNetwork.Encoded encoded = each with { Newest = Queried(each.Newest), Age = Queried(each.Age), Spread = each.Spread is null ? null : Queried(each.Spread) };
        ForecastNetwork.Outputs raw = ForecastNetwork.Forecast(tape, [parameters], options, scaling, [Queried(each.State)], encoded, InputNames.Queries)[0];
        Tensor target = graph.Input(InputNames.Target, new Shape(Shape.Rows, options.HorizonSteps.Count), rows: InputNames.Queries);
        Tensor reached = graph.Input(InputNames.Reached, new Shape(Shape.Rows, options.HorizonSteps.Count, options.BusyThresholds.Count), rows: InputNames.Queries);
        Tensor weight = graph.Input(InputNames.RowWeight, column, rows: InputNames.Queries), now = graph.Input(InputNames.Now, column, rows: InputNames.Queries);
        Tensor pinball = Pinball(tape, options, raw.Quantiles, target, weight);
        Tensor busy = CrossEntropy(tape, options, raw.BusyLogits, reached, Teaches(graph, options, now, encoded.Age), weight);
        graph.Output(pinball, GradientSession.LossOutput(PinballLoss));
        graph.Output(busy, GradientSession.LossOutput(BusyLoss));
        if (gradients)
        {
            Tensor[] all = tape.Gradients(tape.Add(tape.Scale(pinball, PinballWeight), busy), parameters.Tensors);
            for (int i = 0; i < all.Length; i++) graph.Output(all[i], GradientSession.GradientOutput(parameters.Parameters[i].Name));
        }
        return new Result(graph.ToBytes(), parameters);

        Tensor Queried(Tensor a) => tape.Reshape(tape.Gather(a, queries), new Shape(Shape.Rows, a.Shape.Last));
    }

    /// <summary>The loss that is made small, of those of <see cref="Losses"/>.</summary>
    public static double Loss(IReadOnlyList<float> losses) => PinballWeight * (double)losses[0] + losses[1];

    /// <summary>max(l e, (l - 1) e) = (l - 1) e + relu(e), e = target - quantile; mean over horizons and levels, weighted sum over rows.</summary>
    private static Tensor Pinball(Tape tape, NetworkOptions options, Tensor quantiles, Tensor target, Tensor weight)
    {
        int horizons = options.HorizonSteps.Count, levels = options.Levels.Count;
        Tensor error = tape.Subtract(tape.Reshape(target, new Shape(Shape.Rows, horizons, 1)), quantiles);
        Tensor slope = tape.Graph.Constant(new Shape(levels), [.. options.Levels.Select(l => l - 1)]);
        Tensor loss = tape.Add(tape.Multiply(error, slope), tape.Relu(error));
        Tensor row = tape.Reshape(weight, new Shape(Shape.Rows, 1, 1));
        return tape.Scale(tape.Sum(tape.Multiply(loss, row)), 1f / (horizons * levels));
    }

    /// <summary>
    /// Which rows teach of reaching which threshold, 1 or 0, [rows, B]: VMs that are below it, and of those that are not the ones that have just said so. What makes these go on
    /// tells of the others, too. Of a silent VM the network is only ever asked as of one that is below.
    /// </summary>
    private static Tensor Teaches(GraphBuilder graph, NetworkOptions options, Tensor now, Tensor age)
    {
        int count = options.BusyThresholds.Count;
        Shape row = new(Shape.Rows, count);
        Tensor below = graph.Node("Less", row, [now, graph.Constant(new Shape(count), [.. options.BusyThresholds])]);
        Tensor fresh = graph.Node("Less", age.Shape, [age, graph.Constant(1f)]);
        return graph.Node("Cast", row, [graph.Node("Or", row, [below, fresh])], GraphBuilder.Attribute("to", (long)TensorProto.Types.DataType.Float));
    }

    /// <summary>
    /// Cross-entropy of "the peak reaches the threshold" where that teaches, the truth being a share of belief (<see cref="InputNames.Reached"/>); mean over horizons and
    /// thresholds, weighted sum over rows.
    /// </summary>
    private static Tensor CrossEntropy(Tape tape, NetworkOptions options, Tensor logits, Tensor reached, Tensor teaches, Tensor weight)
    {
        int horizons = options.HorizonSteps.Count, count = options.BusyThresholds.Count;
        Tensor loss = tape.Subtract(tape.Softplus(logits), tape.Multiply(logits, reached));
        return tape.Scale(tape.Sum(tape.Multiply(loss, tape.Reshape(tape.Multiply(teaches, weight), new Shape(Shape.Rows, 1, count)))), 1f / (horizons * count));
    }
}
