using Pipeline.Predictor.Models;
using Pipeline.Schemas.Wire;

namespace Pipeline.Predictor.Scoring;

/// <summary>Where a model's signals and features stand in a snapshot.</summary>
public sealed class ColumnMap
{
    private ColumnMap(int[] signals, int[] features)
    {
        Signals = signals;
        Features = features;
    }

    /// <summary>Column of each of the model's signals; -1: the snapshot lacks it.</summary>
    public int[] Signals { get; }

    /// <summary>Column of each of the model's features.</summary>
    public int[] Features { get; }

    /// <summary>Says what does not fit, or null and the map.</summary>
    public static string? TryCreate(InputSignature signature, SnapshotView chunk, out ColumnMap map)
    {
        map = new ColumnMap([], []);
        if (chunk.StepMs != signature.StepMs) return $"step_ms is {chunk.StepMs}; the model was trained on steps of {signature.StepMs} ms";
        if (chunk.WindowSteps < signature.WindowSteps) return $"window_steps is {chunk.WindowSteps}; the model wants {signature.WindowSteps}";
        if (chunk.FeatureSet != signature.FeatureSet) return $"feature_set is '{chunk.FeatureSet}'; the model wants '{signature.FeatureSet}'";
        return TryCreate(signature, [.. chunk.Signal], [.. chunk.Feature], out map);
    }

    /// <summary>The same for columns by name.</summary>
    public static string? TryCreate(InputSignature signature, IList<string> signals, IList<string> features, out ColumnMap map)
    {
        map = new ColumnMap([.. signature.Signals.Select(signals.IndexOf)], [.. signature.Features.Select(features.IndexOf)]);
        if (map.Signals[0] < 0) return $"no signal '{signature.Signals[0]}', which the model cannot do without";
        int missing = Array.IndexOf(map.Features, -1);
        return missing < 0 ? null : $"no feature '{signature.Features[missing]}', which the model wants";
    }
}
