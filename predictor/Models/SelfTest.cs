using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Models;

/// <summary>
/// Inputs and the outputs that the model gave for them when it was made. A model that answers otherwise on this machine
/// is not served.
/// </summary>
public sealed record SelfTest
{
    /// <summary>Outputs are shares and probabilities; builds of ONNX Runtime round differently, but not by this much.</summary>
    public const float Tolerance = 1e-4f;

    private const int MadeUpRows = 4;

    /// <summary>float16 bits, [rows, T, signals].</summary>
    public required ushort[] Window { get; init; }

    /// <summary>[rows, S]; null where unknown.</summary>
    public required float?[] Features { get; init; }

    /// <summary>[rows, K].</summary>
    public required uint[] Neighbours { get; init; }

    /// <summary>[rows, K].</summary>
    public required float[] Weights { get; init; }

    /// <summary>[rows, H, Q].</summary>
    public required float[] PeakQuantile { get; init; }

    /// <summary>[rows, H, B].</summary>
    public required float[] BusyProbability { get; init; }

    /// <summary>The self-test of a model that was made just now.</summary>
    public static SelfTest Of(byte[] model, InputSignature s, int seed)
    {
        using Scorer scorer = new(model, s, threads: 1);
        return MadeUp(s, MadeUpRows, seed).Answer(scorer);
    }

    /// <summary>Inputs made up at random, without answers: a card must not carry the data that its model was trained on.</summary>
    public static SelfTest MadeUp(InputSignature s, int rows, int seed)
    {
        Random random = new(seed);
        return new SelfTest
        {
            Window = [.. Enumerable.Range(0, rows * s.WindowSteps * s.Signals.Count).Select(_ => BitConverter.HalfToUInt16Bits(random.Next(10) == 0 ? Half.NaN : (Half)random.NextSingle()))],
            Features = [.. Enumerable.Range(0, rows * s.Features.Count).Select(_ => random.Next(10) == 0 ? (float?)null : random.NextSingle())],
            Neighbours = [.. Enumerable.Range(0, rows * s.Neighbours).Select(i => i % s.Neighbours < rows ? (uint)random.Next(rows) : InputBuffers.NoNeighbour)],
            Weights = [.. Enumerable.Range(0, rows * s.Neighbours).Select(i => i % s.Neighbours < rows ? random.NextSingle() : 0f)],
            PeakQuantile = [],
            BusyProbability = [],
        };
    }

    /// <summary>The same inputs with the answers of another model.</summary>
    public SelfTest Answer(Scorer scorer)
    {
        Forecast forecast = Run(scorer);
        InputSignature s = scorer.Signature;
        int rows = Rows(s);
        return this with
        {
            PeakQuantile = forecast.PeakQuantile[..(rows * s.HorizonSteps.Count * s.Levels.Count)],
            BusyProbability = forecast.BusyProbability[..(rows * s.HorizonSteps.Count * s.BusyThresholds.Count)],
        };
    }

    /// <summary>Runs the model; says what differs, or null.</summary>
    public string? Check(Scorer scorer)
    {
        InputSignature s = scorer.Signature;
        int rows = Rows(s);
        if (rows == 0 || Window.Length != rows * s.WindowSteps * s.Signals.Count || Features.Length != rows * s.Features.Count
            || Neighbours.Length != rows * s.Neighbours || Weights.Length != rows * s.Neighbours
            || PeakQuantile.Length != rows * s.HorizonSteps.Count * s.Levels.Count || BusyProbability.Length != rows * s.HorizonSteps.Count * s.BusyThresholds.Count)
            return "the self-test's arrays do not fit the signature";
        Forecast forecast = Run(scorer);
        return Differs("peak_quantile", PeakQuantile, forecast.PeakQuantile) ?? Differs("busy_probability", BusyProbability, forecast.BusyProbability);
    }

    private Forecast Run(Scorer scorer)
    {
        InputSignature s = scorer.Signature;
        int rows = Rows(s);
        InputBuffers inputs = new(s);
        inputs.Reset(rows);
        int[] signals = [.. Enumerable.Range(0, s.Signals.Count)], features = [.. Enumerable.Range(0, s.Features.Count)];
        float[] known = [.. Features.Select(f => f ?? float.NaN)];
        for (int r = 0; r < rows; r++)
        {
            inputs.SetWindow(r, Part(Window, r, s.WindowSteps * s.Signals.Count), signals, signals.Length);
            inputs.SetFeatures(r, Part(known, r, s.Features.Count), features);
            inputs.SetNeighbours(r, Part(Neighbours, r, s.Neighbours), Part(Weights, r, s.Neighbours));
        }
        Forecast forecast = new();
        scorer.Run(inputs, forecast);
        return forecast;
    }

    private int Rows(InputSignature s) => Weights.Length / s.Neighbours;

    private static ReadOnlySpan<T> Part<T>(T[] array, int row, int width) => array.AsSpan(row * width, width);

    private static string? Differs(string name, float[] wanted, float[] actual)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (!(Math.Abs(wanted[i] - actual[i]) <= Tolerance))
                return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the self-test gives {name}[{i}] = {actual[i]}; the card says {wanted[i]}");
        }
        return null;
    }
}
