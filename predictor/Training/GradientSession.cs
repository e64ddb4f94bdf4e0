using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Training;

/// <summary>
/// Runs a training graph: the forward and backward pass in ONNX Runtime. It runs on one thread, so that sums are always
/// taken in the same order; several <see cref="GradientRun"/>s may use it at the same time.
/// </summary>
public sealed class GradientSession : IDisposable
{
    private readonly SessionOptions _options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1, ExecutionMode = ExecutionMode.ORT_SEQUENTIAL };

    /// <param name="model">The training graph: parameters are inputs, "loss:NAME" and perhaps "gradient:PARAMETER" are outputs.</param>
    /// <param name="losses">Names of the losses; gradients are those of the sum that the graph was built for.</param>
    public GradientSession(byte[] model, IReadOnlyList<Parameter> parameters, IReadOnlyList<string> losses)
    {
        // This fusion gets the first axis wrong where the gradient of a transposition meets a batch of products (seen with ONNX Runtime 1.31: "left operand cannot broadcast on dim 0").
        _options.AddSessionConfigEntry("optimization.disable_specified_optimizers", "MatmulTransposeFusion");
        // A backward pass writes constants that a branch does not need after all; the runtime warns of each that it throws away.
        _options.LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR;
        Session = new InferenceSession(model, _options);
        Parameters = parameters;
        Losses = losses;
        HasGradients = parameters.All(p => Session.OutputMetadata.ContainsKey(GradientOutput(p.Name)));
    }

    public InferenceSession Session { get; }

    public IReadOnlyList<Parameter> Parameters { get; }

    public IReadOnlyList<string> Losses { get; }

    /// <summary>False for a graph that only computes losses.</summary>
    public bool HasGradients { get; }

    public static string LossOutput(string name) => "loss:" + name;

    public static string GradientOutput(string parameter) => "gradient:" + parameter;

    public void Dispose()
    {
        Session.Dispose();
        _options.Dispose();
    }
}
