using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Onnx;

namespace Pipeline.Predictor.Scoring;

/// <summary>
/// Runs a serving graph in ONNX Runtime: its first half on all VMs, then its second, block by block, so that what the network computes between
/// its operators stays in a core's cache, and memory for it does not grow with the cell. Blocks are shared out among threads, each of them computed by one:
/// the same input gives the same bytes, with any number of threads.
/// </summary>
public sealed class Scorer : IDisposable
{
    /// <summary>Rows of a block: few enough for a core's cache, enough that what the runtime does besides computing does not count.</summary>
    private const int EncodedRows = 512, ForecastRows = 128;

    private static readonly string[] Inputs = [InputNames.Window, InputNames.Features, InputNames.Age];
    private static readonly string[] Between = [InputNames.Own, InputNames.Keys, InputNames.History];
    private static readonly string[] Encoded = [.. Between.Select(InputNames.Encoded)];
    private static readonly string[] BetweenAndEdges = [.. Between, InputNames.Neighbours, InputNames.Weights];
    private static readonly string[] Forecasts = [InputNames.PeakQuantile, InputNames.BusyProbability];

    private readonly SessionOptions _options = new();
    private readonly RunOptions _run = new();
    private readonly InferenceSession _encode;
    private readonly InferenceSession _forecast;
    private readonly ParallelOptions _parallel;
    private readonly int[] _widths;

    /// <exception cref="OnnxRuntimeException">The model is not one that ONNX Runtime can run.</exception>
    public Scorer(byte[] model, InputSignature signature, int threads)
    {
        (Signature, Threads) = (signature, threads);
        _parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _options.IntraOpNumThreads = 1;
        _options.InterOpNumThreads = 1;
        _options.ExecutionMode = ExecutionMode.ORT_SEQUENTIAL;
        _encode = new InferenceSession(ModelParts.For(model, Encoded), _options);
        _forecast = new InferenceSession(ModelParts.For(model, Forecasts), _options);
        _widths = [.. Between.Select(name => _forecast.InputMetadata[name].Dimensions[1])];
    }

    public InputSignature Signature { get; }

    public int Threads { get; }

    /// <summary>Forecasts all rows of <paramref name="inputs"/>.</summary>
    public void Run(InputBuffers inputs, Forecast forecast)
    {
        (int rows, int h, int q, int b) = (inputs.Rows, Signature.HorizonSteps.Count, Signature.Levels.Count, Signature.BusyThresholds.Count);
        forecast.Reset(rows, h, q, b);
        float[][] between = [.. _widths.Select(width => ArrayPool<float>.Shared.Rent(rows * width))];
        Blocks(rows, EncodedRows, (first, count) => Run(
            _encode, Inputs, [.. Inputs.Select(name => inputs.Value(name, first, count))],
            Encoded, [.. Between.Select((_, i) => InputBuffers.Part(between[i], first, count, _widths[i]))]));
        Blocks(rows, ForecastRows, (first, count) => Run(
            _forecast, BetweenAndEdges,
            [
                InputBuffers.Part(between[0], first, count, _widths[0]), InputBuffers.Part(between[1], 0, rows, _widths[1]), InputBuffers.Part(between[2], 0, rows, _widths[2]),
                inputs.Value(InputNames.Neighbours, first, count), inputs.Value(InputNames.Weights, first, count),
            ],
            Forecasts, [InputBuffers.Part(forecast.PeakQuantile, first, count, h, q), InputBuffers.Part(forecast.BusyProbability, first, count, h, b)]));
        foreach (float[] values in between) ArrayPool<float>.Shared.Return(values);
        forecast.Bound(rows, h, q, b);
    }

    public void Dispose()
    {
        _encode.Dispose();
        _forecast.Dispose();
        _run.Dispose();
        _options.Dispose();
    }

    private void Blocks(int rows, int blockRows, Action<int, int> block) =>
        Parallel.For(0, (rows + blockRows - 1) / blockRows, _parallel, i => block(i * blockRows, Math.Min(blockRows, rows - i * blockRows)));

    private void Run(InferenceSession session, string[] inputNames, OrtValue[] inputs, string[] outputNames, OrtValue[] outputs)
    {
        try
        {
            session.Run(_run, inputNames, inputs, outputNames, outputs);
        }
        finally
        {
            foreach (OrtValue value in inputs) value.Dispose();
            foreach (OrtValue value in outputs) value.Dispose();
        }
    }
}
