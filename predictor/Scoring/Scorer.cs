using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Scoring;

/// <summary>
/// Runs a serving graph in ONNX Runtime. The number of threads is fixed and rows are never split over the summed axis,
/// so the same input gives the same bytes.
/// </summary>
public sealed class Scorer : IDisposable
{
    private static readonly string[] Outputs = [InputNames.PeakQuantile, InputNames.BusyProbability];

    private readonly SessionOptions _options = new();
    private readonly RunOptions _run = new();
    private readonly InferenceSession _session;

    /// <exception cref="OnnxRuntimeException">The model is not one that ONNX Runtime can run.</exception>
    public Scorer(byte[] model, InputSignature signature, int threads)
    {
        (Signature, Threads) = (signature, threads);
        _options.IntraOpNumThreads = threads;
        _options.InterOpNumThreads = 1;
        _options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        // Waiting threads sleep: the cores are shared with the other services.
        _options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        _session = new InferenceSession(model, _options);
    }

    public InputSignature Signature { get; }

    public int Threads { get; }

    /// <summary>Forecasts all rows of <paramref name="inputs"/>.</summary>
    public void Run(InputBuffers inputs, Forecast forecast)
    {
        (int rows, int h, int q, int b) = (inputs.Rows, Signature.HorizonSteps.Count, Signature.Levels.Count, Signature.BusyThresholds.Count);
        forecast.Reset(rows, h, q, b);
        if (rows == 0) return;
        Dictionary<string, OrtValue> values = inputs.Bind();
        using OrtValue quantiles = Output(forecast.PeakQuantile.AsMemory(0, rows * h * q), [rows, h, q]);
        using OrtValue busy = Output(forecast.BusyProbability.AsMemory(0, rows * h * b), [rows, h, b]);
        try
        {
            _session.Run(_run, values.Keys, values.Values, Outputs, [quantiles, busy]);
        }
        finally
        {
            foreach (OrtValue value in values.Values) value.Dispose();
        }
        forecast.Bound(rows, h, q, b);
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
        _options.Dispose();
    }

    private static OrtValue Output(Memory<float> memory, long[] shape) =>
        OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape);
}
