using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Training;

/// <summary>
/// Labelled VMs of one snapshot: the network's inputs, what came true, and what each VM counts. The first rows of the inputs are the VMs
/// that are forecast, the queries; the others are there as their neighbours.
/// </summary>
public sealed class TrainingBatch(InputSignature signature)
{
    private long[] _rows = [];

    public InputBuffers Inputs { get; } = new(signature);

    /// <summary>Rows that are forecast.</summary>
    public int Queries { get; private set; }

    /// <summary>[queries, H]: peak utilisation over each horizon.</summary>
    public float[] Target { get; private set; } = [];

    /// <summary>[queries, H, B]: see <see cref="InputNames.Reached"/>.</summary>
    public float[] Reached { get; private set; } = [];

    /// <summary>[queries]: share of the row in the losses; 0 where the future is not known.</summary>
    public float[] RowWeight { get; private set; } = [];

    /// <summary>[queries]: utilisation now, by the truth.</summary>
    public float[] Now { get; private set; } = [];

    public void Reset(int rows, int queries)
    {
        Inputs.Reset(rows);
        Queries = queries;
        if (RowWeight.Length >= queries) return;
        _rows = [.. Enumerable.Range(0, queries).Select(i => (long)i)];
        Target = new float[queries * signature.HorizonSteps.Count];
        Reached = new float[queries * signature.HorizonSteps.Count * signature.BusyThresholds.Count];
        RowWeight = new float[queries];
        Now = new float[queries];
    }

    /// <summary>All inputs of the training graph besides the parameters; the caller disposes of them.</summary>
    public Dictionary<string, OrtValue> Bind()
    {
        Dictionary<string, OrtValue> inputs = Inputs.Bind(Queries);
        inputs[InputNames.Queries] = Value(_rows, 1);
        inputs[InputNames.Target] = Value(Target, signature.HorizonSteps.Count);
        inputs[InputNames.Reached] = Value(Reached, signature.HorizonSteps.Count, signature.BusyThresholds.Count);
        inputs[InputNames.RowWeight] = Value(RowWeight, 1);
        inputs[InputNames.Now] = Value(Now, 1);
        return inputs;
    }

    private OrtValue Value<T>(T[] array, params ReadOnlySpan<long> widths)
        where T : unmanaged
    {
        int count = Queries;
        foreach (long width in widths) count *= (int)width;
        return OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.AsMemory(0, count), [Queries, .. widths]);
    }
}
