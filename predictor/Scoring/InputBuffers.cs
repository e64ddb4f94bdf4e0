using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Scoring;

/// <summary>
/// The network's inputs for the VMs of one snapshot, in arrays that are kept and grow to the largest snapshot. Rows are
/// written one by one, from a live snapshot or from a training set alike.
/// </summary>
public sealed class InputBuffers
{
    /// <summary>What a snapshot says where a VM has fewer neighbours than K.</summary>
    public const uint NoNeighbour = uint.MaxValue;

    private readonly InputSignature _signature;
    private readonly WindowEncoder _encoder;

    public InputBuffers(InputSignature signature)
    {
        _signature = signature;
        _encoder = new WindowEncoder(signature.WindowSteps, signature.Signals);
    }

    public int Channels => _encoder.Channels;

    /// <summary>Rows in use.</summary>
    public int Rows { get; private set; }

    /// <summary>[rows, T, C].</summary>
    public float[] Window { get; private set; } = [];

    /// <summary>[rows, S]; NaN where unknown.</summary>
    public float[] Features { get; private set; } = [];

    /// <summary>[rows, K].</summary>
    public long[] Neighbours { get; private set; } = [];

    /// <summary>[rows, K]; 0 where there is no neighbour.</summary>
    public float[] Weights { get; private set; } = [];

    /// <summary>[rows]: steps since the newest known CPU utilisation; T when there is none in the window.</summary>
    public float[] Age { get; private set; } = [];

    /// <summary>Makes room; what was written before is gone.</summary>
    public void Reset(int rows)
    {
        Rows = rows;
        if (Age.Length >= rows) return;
        Window = new float[rows * _signature.WindowSteps * Channels];
        Features = new float[rows * _signature.Features.Count];
        Neighbours = new long[rows * _signature.Neighbours];
        Weights = new float[rows * _signature.Neighbours];
        Age = new float[rows];
    }

    /// <summary>Writes the window of one row; see <see cref="WindowEncoder.Encode"/>.</summary>
    public void SetWindow(int row, ReadOnlySpan<ushort> window, ReadOnlySpan<int> columns, int stride)
    {
        int size = _signature.WindowSteps * Channels;
        Age[row] = _encoder.Encode(window, columns, stride, Window.AsSpan(row * size, size));
    }

    /// <summary>Writes the features of one row; an infinite one is taken as unknown.</summary>
    public void SetFeatures(int row, ReadOnlySpan<float> features, ReadOnlySpan<int> columns)
    {
        Span<float> to = Features.AsSpan(row * columns.Length, columns.Length);
        for (int i = 0; i < to.Length; i++)
        {
            float value = features[columns[i]];
            to[i] = float.IsFinite(value) ? value : float.NaN;
        }
    }

    /// <summary>Makes some features unknown, each with the same chance, of all rows.</summary>
    public void DropFeatures(double share, Random random)
    {
        int count = _signature.Features.Count;
        for (int feature = 0; feature < count; feature++)
        {
            if (random.NextDouble() >= share) continue;
            for (int row = 0; row < Rows; row++) Features[row * count + feature] = float.NaN;
        }
    }

    /// <summary>Writes the neighbours of one row, strongest first. One that is not among the rows does not count.</summary>
    /// <param name="firstRow">Row that the snapshot's row 0 has here.</param>
    public void SetNeighbours(int row, ReadOnlySpan<uint> neighbours, ReadOnlySpan<float> weights, int firstRow = 0)
    {
        int k = _signature.Neighbours;
        Span<long> to = Neighbours.AsSpan(row * k, k);
        Span<float> weight = Weights.AsSpan(row * k, k);
        to.Fill(row);
        weight.Clear();
        for (int i = 0; i < Math.Min(k, neighbours.Length); i++)
        {
            long other = (long)neighbours[i] + firstRow;
            if (neighbours[i] == NoNeighbour || other >= Rows || !float.IsFinite(weights[i])) continue;
            to[i] = other;
            weight[i] = Math.Clamp(weights[i], -1f, 1f);
        }
    }

    /// <summary>Utilisation of one row as its window has it, [T], newest last, 0..1; NaN: missing.</summary>
    public void CopyUtilization(int row, Span<float> to)
    {
        int size = _signature.WindowSteps * Channels;
        _encoder.DecodeCpu(Window.AsSpan(row * size, size), to);
    }

    /// <summary>Makes room, takes all rows of another snapshot's buffers, and leaves the rows behind them to be written.</summary>
    public void CopyFrom(InputBuffers other, int rows)
    {
        Reset(rows);
        int n = other.Rows;
        other.Window.AsSpan(0, n * _signature.WindowSteps * Channels).CopyTo(Window);
        other.Features.AsSpan(0, n * _signature.Features.Count).CopyTo(Features);
        other.Neighbours.AsSpan(0, n * _signature.Neighbours).CopyTo(Neighbours);
        other.Weights.AsSpan(0, n * _signature.Neighbours).CopyTo(Weights);
        other.Age.AsSpan(0, n).CopyTo(Age);
    }

    /// <summary>Writes one row as another one is; where that has no neighbour in a place, neither has this.</summary>
    public void CopyRow(int from, int to)
    {
        int window = _signature.WindowSteps * Channels, s = _signature.Features.Count, k = _signature.Neighbours;
        Window.AsSpan(from * window, window).CopyTo(Window.AsSpan(to * window));
        Features.AsSpan(from * s, s).CopyTo(Features.AsSpan(to * s));
        Age[to] = Age[from];
        Weights.AsSpan(from * k, k).CopyTo(Weights.AsSpan(to * k));
        for (int i = 0; i < k; i++) Neighbours[to * k + i] = Neighbours[from * k + i] == from ? to : Neighbours[from * k + i];
    }

    /// <summary>Takes the newest steps of a signal away from one row; see <see cref="WindowEncoder.Withhold"/>.</summary>
    public void Withhold(int row, int signal, int newest)
    {
        int size = _signature.WindowSteps * Channels, age = _encoder.Withhold(Window.AsSpan(row * size, size), signal, newest);
        if (signal == 0) Age[row] = age;
    }

    /// <summary>Takes a neighbour away from one row.</summary>
    /// <param name="place">Its place among the row's neighbours.</param>
    public void DropNeighbour(int row, int place) => (Neighbours[row * _signature.Neighbours + place], Weights[row * _signature.Neighbours + place]) = (row, 0f);

    /// <summary>The inputs over these arrays; the caller disposes of them.</summary>
    /// <param name="queries">Neighbours are bound of the first so many rows; null: of all.</param>
    public Dictionary<string, OrtValue> Bind(int? queries = null)
    {
        string[] all = [InputNames.Window, InputNames.Features, InputNames.Age], some = [InputNames.Neighbours, InputNames.Weights];
        return all.Select(name => (name, Rows)).Concat(some.Select(name => (name, queries ?? Rows))).ToDictionary(i => i.name, i => Value(i.name, 0, i.Item2), StringComparer.Ordinal);
    }

    /// <summary>Some rows of one input, over its array; the caller disposes of it.</summary>
    public OrtValue Value(string name, int first, int count)
    {
        (int t, int s, int k) = (_signature.WindowSteps, _signature.Features.Count, _signature.Neighbours);
        return name switch
        {
            InputNames.Window => Part(Window, first, count, t, Channels),
            InputNames.Features => Part(Features, first, count, s),
            InputNames.Age => Part(Age, first, count, 1),
            InputNames.Neighbours => Part(Neighbours, first, count, k),
            InputNames.Weights => Part(Weights, first, count, k),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        };
    }

    /// <summary>Some rows of an array, whose rows are of this shape; the caller disposes of it.</summary>
    internal static OrtValue Part<T>(T[] array, int first, int count, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        // Several times a block of a snapshot: nothing is allocated but the shape.
        long[] dimensions = new long[shape.Length + 1];
        dimensions[0] = count;
        int width = 1;
        for (int i = 0; i < shape.Length; i++)
        {
            width *= shape[i];
            dimensions[i + 1] = shape[i];
        }
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.AsMemory(first * width, count * width), dimensions);
    }
}
